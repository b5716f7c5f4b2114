import Experiments
import Foundation

/// Prints epochs, and all that may be a mistake.
struct ProgressPrinter: Observer {
  func receive(_ event: Event) {
    switch event {
    case .epoch(let report): print("epoch \(report.epoch): loss \(report.loss)")
    case .warning(let text): print("warning: \(text)")
    default: break
    }
  }
}

// A spec and rows for it: whether somebody earns much follows from age and kind of work.
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("train-spec").path
try OutputFolder.make(folder)
guard FileManager.default.changeCurrentDirectoryPath(folder) else { exit(1) }
var rows = "age,workclass,income\n"
for row in 0..<4000 {
  let age = 18 + row * 7 % 60
  let work = ["Private", "State", "Self"][row % 3]
  let earns = age + (work == "Self" ? 15 : 0) + row * 13 % 20 > 60
  rows += "\(age),\(work),\(earns ? ">50K" : "<=50K")\n"
}
try OutputFolder.write(rows, to: "people.csv")
try OutputFolder.write(
  """
  {
    data: { train: "people.csv", validation_fraction: 0.2 },
    features: [
      { name: "age", type: "numeric" },
      { name: "workclass", type: "id", embedding_dim: 4 },
    ],
    tasks: [{ name: "income", positive: [">50K"] }],
    model: { type: "shared_bottom" },
  }
  """, to: "spec.json5")

let experiment = try Experiment(contentsOf: "spec.json5", overrides: ["training.epochs": "3"])
for finding in try experiment.check() { print(finding) }
let run = try experiment.train(.static, observer: ProgressPrinter())
print(run.metrics["income"]?.auc ?? .nan)
try run.plan.write(to: "plan.bin")
let predictor = try Predictor(contentsOf: "plan.bin")
let p = try predictor.predict([["age": "39", "workclass": "Private"]])
print(p)
