import Data
import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema

/// The way from a spec and a fitted schema to graphs and a plan.
struct SpecCompiler {
  let spec: Spec

  // MARK: Graphs

  /// The model as its definition emits it. Throws a memory error before a table is too large.
  func graph(
    _ purpose: ModelPurpose, _ schema: DataSchema, hasMissingLabels: Bool
  ) throws -> Graph {
    try MemoryCheck.require(spec, schema)
    let builder = GraphBuilder(name: spec.name, isTraining: purpose == .train)
    try buildModel(
      spec, schema: schema, purpose: purpose, hasMissingLabels: hasMissingLabels, on: builder)
    try MemoryCheck.require(
      builder.graph, stateCount: spec.trainingSettings.optimizer.stateBlocks)
    return builder.graph
  }

  /// The model run op by op, on the weights and random numbers of the spec's seed.
  func eagerModel(_ fitted: FittedData) -> EagerModel<Float> {
    let hasMissing = fitted.hasMissingLabels
    let settings = spec.trainingSettings
    return EagerModel<Float>(
      seed: settings.seed, optimizer: settings.optimizer, clipping: settings.clipping,
      weighting: settings.taskWeighting, tasks: settings.taskWeights
    ) { [spec] engine in
      try buildModel(
        spec, schema: fitted.schema, purpose: engine.isTraining ? .train : .predict,
        hasMissingLabels: hasMissing, on: engine)
    }
  }

  // MARK: Plan

  /// Compiles the spec. The plan's memory is checked against the machine's before anything of its
  /// size is allocated.
  func compile(
    _ fitted: FittedData, options: Compiler.Options = Compiler.Options(),
    observer: Compiler.Observer? = nil
  ) throws -> Compiler.Result {
    try compile(
      fitted.schema, settings: spec.trainingSettings, hasMissingLabels: fitted.hasMissingLabels,
      options: options, observer: observer)
  }

  /// As above, for a schema and settings of one's own.
  func compile(
    _ schema: DataSchema, settings: TrainingSettings, hasMissingLabels: Bool,
    options: Compiler.Options, observer: Compiler.Observer? = nil
  ) throws -> Compiler.Result {
    let tasks = spec.taskRecords
    try settings.earlyStopping?.requireMetric(of: tasks, hasGroups: schema.groupColumn != nil)
    let model = Compiler.Model(
      name: spec.name, specText: spec.canonicalText, schema: schema, tasks: tasks,
      training: settings,
      trainingGraph: try graph(.train, schema, hasMissingLabels: hasMissingLabels),
      predictionGraph: try graph(.predict, schema, hasMissingLabels: hasMissingLabels))
    let result = try Compiler(options: options).compile(model, observer: observer)
    let findings = PlanValidator(result.plan).findings()
    guard findings.isEmpty else {
      throw ExperimentError(
        .internalError, "the compiled plan is not valid: \(PlanError.invalid(findings))",
        hint: "please report this")
    }
    try MemoryCheck.require(result.plan)
    return result
  }
}

extension FittedData {
  /// Whether some row lacks some label.
  var hasMissingLabels: Bool { statistics.labels.contains { $0.missing > 0 } }
}
