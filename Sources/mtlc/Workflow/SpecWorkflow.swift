import Data
import Foundation
import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema

/// The way from a spec to a plan, for all commands that take a spec.
struct SpecWorkflow {
  let spec: Spec
  /// What the files of a generated sample allow at best; empty for other data.
  let best: [BestAUC]
  let log: Log
  let reading: RowReading

  /// Reads and checks the spec, and generates its data if it asks for that.
  /// Throws `SpecError`, `FileError`.
  init(_ arguments: Arguments, path: String, overrides: [String] = []) throws {
    log = Log(arguments)
    spec = try Self.spec(path, arguments.all(.set) + overrides)
    reading = try RowReading(arguments, cache: spec.files.cache)
    // Files that the command line names are the user's own.
    let isOwn = arguments.all(.set).contains { $0.hasPrefix("data.") }
    best = isOwn ? [] : try SampleData.prepare(spec.files, log: log)
  }

  /// Reads a spec; `-` is standard input, whose paths are relative to the working directory.
  private static func spec(_ path: String, _ overrides: [String]) throws -> Spec {
    guard path == "-" else { return try Spec(path: path, overrides: overrides) }
    let bytes = (try? FileHandle.standardInput.readToEnd()) ?? Foundation.Data()
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ToolError(.spec, "<stdin>: the spec is not UTF-8 text")
    }
    return try Spec(text: text, file: "<stdin>", overrides: overrides)
  }

  /// Learns vocabularies and normalisers from the training files. Throws `DataError`.
  func fit(rowLimit: Int? = nil) throws -> FittedData {
    try reading.fit(spec.dataDeclaration, spec.files.train, rowLimit: rowLimit)
  }

  /// Encodes the training rows into a stream file, where the spec asks for that: the first rows,
  /// from which vocabularies and normalisers were learned, with what all rows showed of the columns;
  /// and the file. Throws `DataError`, `FileError`.
  func stream() throws -> (sample: FittedData, file: StreamFile)? {
    guard spec.files.stream, let folder = spec.files.cache else { return nil }
    var sample = try reading.uncached.fit(
      spec.dataDeclaration, spec.files.train, rowLimit: spec.files.fitRows)
    let file = try reading.stream(spec.files.train, sample.schema, folder)
    sample.statistics = file.statistics
    return (sample, file)
  }

  /// Labels that nothing can be learned from. Throws `DataError`.
  func requireLabels(_ statistics: DataStatistics) throws {
    for (task, label) in zip(spec.tasks, statistics.labels) {
      let place = spec.files.train.first.map { DataError.Place(file: $0) }
      guard label.present > 0 else {
        throw DataError(
          "task \(task.name): no row has a label in column \"\(label.column)\"", at: place)
      }
      if task.isMulticlass, let low = label.minimum, low == label.maximum {
        throw DataError(
          "task \(task.name): every row has the same class in column \"\(label.column)\"",
          at: place, hint: "there is nothing to tell apart")
      }
      guard task.isBinary else { continue }
      if label.positives == 0 {
        throw DataError(
          "task \(task.name): no row has a positive label in column \"\(label.column)\"",
          at: place, hint: "its \"positive\" list must hold texts of that column")
      }
      if label.positives == label.present {
        throw DataError(
          "task \(task.name): every row has a positive label in column \"\(label.column)\"",
          at: place, hint: "there is nothing to tell apart")
      }
    }
  }

  // MARK: Graphs

  /// The model as its definition emits it.
  func graph(_ purpose: ModelPurpose, _ fitted: FittedData) throws -> Graph {
    try graph(purpose, fitted.schema, hasMissingLabels: fitted.hasMissingLabels)
  }

  func graph(
    _ purpose: ModelPurpose, _ schema: DataSchema, hasMissingLabels: Bool
  ) throws -> Graph {
    try MemoryCheck.require(spec, schema)
    let builder = GraphBuilder(name: spec.name, isTraining: purpose == .train)
    try buildModel(
      spec, schema: schema, purpose: purpose, hasMissingLabels: hasMissingLabels, on: builder)
    try MemoryCheck.require(
      builder.graph, stateCount: optimizer.stateBlocks)
    return builder.graph
  }

  /// The model run op by op, on the weights and random numbers of the spec's seed.
  func eagerModel(_ fitted: FittedData) -> EagerModel<Float> {
    let hasMissing = fitted.hasMissingLabels
    return EagerModel<Float>(
      seed: spec.training.seed, optimizer: optimizer,
      clipping: spec.training.clipping, weighting: spec.training.taskWeighting,
      tasks: training.taskWeights
    ) { [spec] engine in
      try buildModel(
        spec, schema: fitted.schema, purpose: engine.isTraining ? .train : .predict,
        hasMissingLabels: hasMissing, on: engine)
    }
  }

  var tasks: [TaskRecord] {
    let tasks = spec.tasks.enumerated().map { column, task in
      TaskRecord(
        name: task.name, kind: Self.kind(task),
        output: ModelOutput.prediction(task.name), labelColumn: column)
    }
    func column(_ task: String) -> Int? { spec.tasks.firstIndex { $0.name == task } }
    return tasks
      + spec.conditionalOutputs.map { output in
        TaskRecord(
          name: output.name, kind: .binary, output: ModelOutput.prediction(output.name),
          labelColumn: column(output.task), conditionColumn: column(output.condition))
      }
  }

  private static func kind(_ task: TaskSpec) -> TaskKind {
    task.isMulticlass
      ? .multiclass(classes: task.outputs) : task.isBinary ? .binary : .regression
  }

  /// The optimizer, and the one of the embedding tables with their names.
  private var optimizer: Optimizer {
    var optimizer = spec.training.optimizer
    guard var sparse = spec.training.sparseOptimizer else { return optimizer }
    for name in spec.features.compactMap(\.input.tableParameter)
    where !sparse.tables.contains(name) {
      sparse.tables.append(name)
    }
    optimizer.sparse = sparse.tables.isEmpty ? nil : sparse
    return optimizer
  }

  var training: TrainingSettings {
    let options = spec.training
    func absolute(_ paths: [String]) -> [String] {
      paths.map { $0 == "-" ? $0 : URL(fileURLWithPath: $0).standardizedFileURL.path }
    }
    return TrainingSettings(
      batchSize: options.batchSize, evaluationBatchSize: options.evalBatchSize,
      epochs: options.epochs, seed: options.seed, shuffle: options.shuffle,
      optimizer: optimizer, trainPaths: absolute(spec.files.train),
      validationPaths: absolute(spec.files.validation), testPaths: absolute(spec.files.test),
      validationFraction: spec.files.validationFraction, schedule: options.schedule,
      clipping: options.clipping, earlyStopping: options.earlyStopping,
      taskWeighting: options.taskWeighting,
      taskWeights: spec.tasks.map { TaskWeight(task: $0.name, weight: $0.weight) },
      matmulPrecision: options.matmulPrecision)
  }

  // MARK: Plan

  /// Compiles the spec. The plan's memory is checked against the machine's before anything of its
  /// size is allocated.
  func compile(
    _ fitted: FittedData, options: Compiler.Options = Compiler.Options(),
    observer: Compiler.Observer? = nil
  ) throws -> Compiler.Result {
    try compile(
      fitted.schema, settings: training, hasMissingLabels: fitted.hasMissingLabels,
      options: options, observer: observer)
  }

  /// As above, for a schema and settings of one's own.
  func compile(
    _ schema: DataSchema, settings: TrainingSettings, hasMissingLabels: Bool,
    options: Compiler.Options, observer: Compiler.Observer? = nil
  ) throws -> Compiler.Result {
    try settings.earlyStopping?.requireMetric(of: tasks, hasGroups: schema.groupColumn != nil)
    let model = Compiler.Model(
      name: spec.name, specText: spec.canonicalText, schema: schema, tasks: tasks,
      training: settings,
      trainingGraph: try graph(.train, schema, hasMissingLabels: hasMissingLabels),
      predictionGraph: try graph(.predict, schema, hasMissingLabels: hasMissingLabels))
    let result = try Compiler(options: options).compile(model, observer: observer)
    let findings = PlanValidator(result.plan).findings()
    guard findings.isEmpty else {
      throw ToolError(
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
