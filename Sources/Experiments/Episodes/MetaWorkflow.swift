import Data
import Foundation
import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema

/// The way from a spec whose model is `maml` to a plan.
package struct MetaWorkflow {
  let spec: MetaSpec
  /// What a generated table allows at best.
  package let best: BestAUC?
  package let observer: any Observer

  /// The workflow of a spec, nil when its model is of another kind. Throws `SpecError`.
  package init?(path: String, overrides: [String], _ observer: any Observer) throws {
    guard path != "-", let bytes = FileManager.default.contents(atPath: path)
    else { return nil }
    guard MetaSpec.matches([UInt8](bytes), overrides: overrides) else { return nil }
    self.observer = observer
    spec = try MetaSpec(
      bytes: [UInt8](bytes), file: path, folder: OutputFolder.parent(of: path),
      overrides: overrides)
    best = try EpisodeSample.prepare(
      spec, isOwn: overrides.contains { $0.hasPrefix("data.") }, observer)
  }

  /// What the graphs depend on besides the spec.
  enum Shape {
    case images(height: Int, width: Int)
    case rows(DataSchema)
  }

  // MARK: Graphs

  /// Emits the program of one task.
  func build<E: DifferentiableEmitter>(_ shape: Shape, on emitter: E) throws {
    switch (spec.source, shape) {
    case (.images(let model, _), .images(let height, let width)):
      try model.build(height: height, width: width, on: emitter)
    case (.rows(let model, _), .rows(let schema)):
      try model.build(schema: schema.withoutGroup, on: emitter)
    default: throw ModelError("the data is not that of the spec")
    }
  }

  /// - Parameter showsChoices: Whether what the model chooses at kinks becomes outputs.
  func graph(_ shape: Shape, isTraining: Bool, showsChoices: Bool = false) throws -> Graph {
    let builder = GraphBuilder(
      name: isTraining ? spec.name : "\(spec.name).evaluate", isTraining: isTraining)
    try build(shape, on: builder)
    if showsChoices { try EpisodeChoices.addOutputs(to: builder) }
    return builder.graph
  }

  // MARK: Plan

  package func compile(
    _ data: MetaData, disabled: Set<String> = [], showsChoices: Bool = false
  ) throws -> Compiler.Result {
    let shape = data.shape
    if case (.images(let model, _), .images(let height, let width)) = (spec.source, shape),
      min(height, width) < model.network.smallestSide
    {
      throw DataError(
        "images of \(height)×\(width) are too small for the network, which halves their sides"
          + " four times", at: data.place, hint: "use model.network: \"mlp\"")
    }
    let task = try graph(shape, isTraining: true, showsChoices: showsChoices)
    try MemoryCheck.require(task, stateCount: spec.training.optimizer.stateCount)
    let model = Compiler.EpisodeModel(
      name: spec.name, specText: spec.canonicalText, schema: data.schema, tasks: tasks(data.schema),
      training: training, episodes: episodes(shape), taskGraph: task,
      evaluationGraph: try graph(shape, isTraining: false),
      updateGraph: try MetaUpdate.graph(name: "\(spec.name).update", parameters: task.parameters))
    let result = try Compiler(options: .init(disabled: disabled)).compile(model)
    let findings = PlanValidator(result.plan).findings()
    guard findings.isEmpty else {
      throw ExperimentError(
        .internalError, "the compiled plan is not valid: \(PlanError.invalid(findings))",
        hint: "please report this")
    }
    try MemoryCheck.require(result.plan)
    return result
  }

  private func tasks(_ schema: DataSchema) -> [TaskRecord] {
    guard case .rows(let model, _) = spec.source else { return [] }
    return model.tasks.enumerated().map { column, task in
      TaskRecord(
        name: task.name, kind: task.isBinary ? .binary : .regression,
        output: EpisodeName.prediction(task.name), labelColumn: column)
    }
  }

  private var training: TrainingSettings {
    func absolute(_ paths: [String]) -> [String] {
      paths.map { $0 == "-" ? $0 : URL(fileURLWithPath: $0).standardizedFileURL.path }
    }
    let (train, test) =
      switch spec.source {
      case .images(_, let files): (files.train, files.test)
      case .rows(_, let files): (files.files.train, files.files.test)
      }
    return TrainingSettings(
      batchSize: 1, evaluationBatchSize: 1, epochs: 1, seed: spec.training.seed,
      optimizer: spec.training.optimizer, trainPaths: absolute(train),
      testPaths: absolute(test))
  }

  private func episodes(_ shape: Shape) -> EpisodeSettings {
    let kind: EpisodeSettings.Kind
    var feeds: [FeedLayout.Feed] = []
    switch (spec.source, shape) {
    case (.images(let model, let files), .images(let height, let width)):
      kind = .images(
        ways: model.ways, shots: model.shots, queries: model.queries, height: height, width: width,
        rotations: files.rotations)
      for (part, count) in [
        (EpisodeName.support, model.shots), (EpisodeName.query, model.queries),
      ] {
        let images = model.ways * count
        feeds += [
          .init(
            name: EpisodeName.feed(part, EpisodeName.images), width: images * height * width,
            isInteger: false),
          .init(name: EpisodeName.feed(part, EpisodeName.labels), width: images, isInteger: true),
        ]
      }
    case (.rows(let model, _), .rows(let schema)):
      kind = .rows(support: model.supportRows, queries: model.queryRows)
      for (part, rows) in [
        (EpisodeName.support, model.supportRows), (EpisodeName.query, model.queryRows),
      ] {
        feeds += schema.withoutGroup.feeds.feeds.map { feed in
          .init(
            name: EpisodeName.feed(part, feed.name), width: rows * feed.width,
            isInteger: feed.isInteger)
        }
      }
    default: kind = .rows(support: 1, queries: 1)
    }
    return EpisodeSettings(
      kind: kind, steps: spec.training.steps, tasksPerStep: spec.training.batchSize,
      evaluationEpisodes: spec.training.evaluationEpisodes,
      evaluationInterval: spec.training.evaluationInterval, feeds: feeds)
  }
}

extension MetaWorkflow {
  package func eagerEngine(_ data: MetaData, _ plan: Plan) -> EagerMetaEngine {
    let shape = data.shape
    return EagerMetaEngine(
      seed: plan.training.seed, optimizer: plan.training.optimizer,
      feeds: (plan.episodes?.feeds ?? []).map {
        .init(name: $0.name, count: $0.width, isInteger: $0.isInteger)
      }
    ) { engine in try build(shape, on: engine) }
  }

  /// Runs meta steps of both modes.
  package func compare(steps: Int, threads: Int?) throws -> (plan: Plan, MetaComparison) {
    let data = try MetaData(self)
    let plan = try compile(data, showsChoices: true).plan
    let tasks = try MetaTasks(plan, data, observer: observer)
    return (
      plan,
      try MetaComparison(
        session: MetaSession(plan: plan, threads: threads),
        eager: eagerEngine(data, plan), source: tasks.training,
        tasksPerStep: plan.episodes?.tasksPerStep ?? 1, steps: steps)
    )
  }
}
