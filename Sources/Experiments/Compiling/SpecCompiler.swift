import Data
import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema

/// The way from a spec and the shape of its data to graphs and a plan.
struct SpecCompiler {
  let spec: Spec
  /// Over how many processes the rows of tables are spread: none needs memory for all of them.
  var shards = 1

  // MARK: Graphs

  /// The program that a step of training differentiates, or that predicts, as the model emits it.
  /// Throws a memory error before a table is too large.
  /// - Parameter showsChoices: Whether what a model that learns from episodes chooses at kinks becomes
  ///   outputs.
  func graph(
    _ purpose: ProgramPurpose, _ shape: ModelShape, showsChoices: Bool = false
  ) throws -> Graph {
    try MemoryCheck.require(spec, shape.schema, shards: shards)
    let isTraining = purpose == .train
    let isOfEpisodes = spec.learning.isOfEpisodes
    let builder = GraphBuilder(
      name: isTraining || !isOfEpisodes ? spec.name : "\(spec.name).evaluate",
      isTraining: isTraining)
    if isOfEpisodes {
      try spec.buildEpisode(shape, on: builder)
      if showsChoices { try EpisodeChoices.addOutputs(to: builder) }
    } else if case .rows(let schema, let labels) = shape {
      try buildModel(
        spec, schema: schema, priors: labels.map { LabelPrior($0) }, purpose: purpose,
        hasMissingLabels: labels.contains { $0.missing > 0 },
        isPart: spec.training.microBatches.isOn, on: builder)
    }
    try MemoryCheck.require(
      builder.graph, stateCount: spec.training.optimizer.stateBlocks,
      tables: spec.training.optimizer.sparse?.tables ?? [], shards: shards)
    return builder.graph
  }

  /// The programs that the model needs.
  private func programs(
    _ shape: ModelShape, _ settings: TrainingSettings, showsChoices: Bool
  ) throws -> [Compiler.ProgramRequest] {
    let train = try graph(.train, shape, showsChoices: showsChoices)
    let predict = try graph(.predict, shape)
    if !spec.learning.isOfEpisodes {
      return [
        .init(
          .train, .train, train,
          capacity: settings.microBatches.largest(of: settings.batchSize)),
        .init(.predict, .predict, predict, capacity: settings.evaluationBatchSize),
      ]
    }
    let update = try MetaUpdate.graph(
      name: "\(spec.name).update", parameters: train.parameters,
      clipValue: settings.clipping.value)
    return [
      .init(.gradients, .gradients, train, capacity: 1),
      .init(.predict, .predict, predict, capacity: 1),
      .init(.train, .predict, update, capacity: 1),
    ]
  }

  /// The model of rows run op by op, on the weights and random numbers of the spec's seed.
  /// - Parameter initial: What parameters begin with in place of random numbers.
  func eagerModel<Scalar>(
    _ fitted: FittedData, _ initial: InitialValues?
  ) -> EagerModel<Scalar> {
    let labels = fitted.statistics.labels
    let settings = spec.training
    return EagerModel(
      seed: settings.seed, optimizer: settings.optimizer, clipping: settings.clipping,
      weighting: settings.taskWeighting, tasks: settings.taskWeights, initial: initial,
      microBatches: settings.microBatches
    ) { [spec] engine in
      try buildModel(
        spec, schema: fitted.schema, priors: labels.map { LabelPrior($0) },
        purpose: engine.isTraining ? .train : .predict,
        hasMissingLabels: labels.contains { $0.missing > 0 },
        isPart: engine.isTraining && settings.microBatches.isOn, on: engine)
    }
  }

  /// The model that learns from episodes run op by op.
  func eagerEngine<Scalar>(
    _ shape: ModelShape, _ plan: Plan
  ) throws -> EagerEpisodeEngine<Scalar> {
    guard let episodes = plan.episodes else { throw EpisodePlanError() }
    return EagerEpisodeEngine(
      plan.training, feeds: episodes.feeds(plan.schema), initial: plan.initial
    ) { [spec] engine in
      try spec.buildEpisode(shape, on: engine)
    }
  }

  // MARK: Plan

  /// Compiles the spec. The plan's memory is checked against the machine's before anything of its
  /// size is allocated.
  /// - Parameter settings: nil for the spec's own.
  func compile(
    _ shape: ModelShape, settings: TrainingSettings? = nil,
    options: Compiler.Options = Compiler.Options(), showsChoices: Bool = false,
    observer: Compiler.Observer? = nil
  ) throws -> Compiler.Result {
    let settings = settings ?? spec.training
    let tasks = spec.taskRecords
    var episodes: EpisodeSettings?
    if spec.learning.isOfEpisodes {
      let own = try spec.episodeSettings(shape)
      try settings.earlyStopping?.requireMetric(of: EarlyStopping.metrics(of: own, tasks))
      episodes = own
    } else {
      try settings.earlyStopping?.requireMetric(
        of: EarlyStopping.metrics(of: tasks, hasGroups: shape.schema.groupColumn != nil))
    }
    let model = Compiler.Model(
      name: spec.name, specText: spec.canonicalText, schema: shape.schema, tasks: tasks,
      training: settings,
      programs: try programs(shape, settings, showsChoices: showsChoices), episodes: episodes)
    let result = try Compiler(options: options).compile(model, observer: observer)
    if shards == 1 { try MemoryCheck.require(result.plan) }
    return result
  }

  /// Compiles the spec for its training files: a plan that holds what its parameters begin with, so
  /// that it trains alike wherever it is run.
  func compile(
    _ files: TrainingFiles, options: Compiler.Options = Compiler.Options(),
    showsChoices: Bool = false, observer: Compiler.Observer? = nil
  ) throws -> Compiler.Result {
    var result = try compile(
      files.shape, options: options, showsChoices: showsChoices, observer: observer)
    result.plan.initial = try files.sources.initialValues(for: result.plan)
    if result.plan.initial != nil, shards == 1 { try MemoryCheck.require(result.plan) }
    return result
  }
}
