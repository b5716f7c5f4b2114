import Experiments
import Foundation

// The project's own sample, an advertising log with the labels click and purchase.
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("spec-in-swift").path
let (train, test) = ("\(folder)/train.csv", "\(folder)/test.csv")
let best = try SampleData.write(.ads, train: train, test: test, trainRows: 20_000).ranking

// A spec of typed values. It goes through the checks of a spec that is read from a file.
let spec = try Spec(
  name: "ads",
  data: .files(train: [train], test: [test]),
  features: [
    .id("category", "hour", "position", "device", "member").with(FeatureKeys.embeddingDim, 8),
    .numeric("age", "discount", "past_purchases", "category_views")
      .with(FeatureKeys.normalizer, .zscore),
  ],
  tasks: [.task("click"), .task("purchase").with(TaskKeys.weight, 2)],
  model: .model(MMoE.self).with(MMoE.numExperts, 4).with(MMoE.expertHiddenUnits, [32]),
  training: TrainingObject().with(TrainingKeys.batchSize, 128).with(TrainingKeys.epochs, 4)
    .with(TrainingKeys.optimizer, .optimizer(.adam, learningRate: 2e-3)))

let run = try Experiment(spec).train()
for entry in best {
  let auc = run.metrics[entry.task]?.auc ?? .nan
  print("\(entry.task): AUC \(auc), at best \(entry.auc)")
}
