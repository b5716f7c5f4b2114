import Data
import ModelDefs
import Schema

/// A spec and all that can be done with it: checking, compiling, training, comparing, timing.
///
///     let experiment = try Experiment(contentsOf: "spec.json5", overrides: ["training.epochs": "3"])
///     for finding in try experiment.check() { print(finding) }
///     let run = try experiment.train()
///     print(run.metrics["income"]?.auc ?? .nan)
///
/// It holds no rows: each call reads the files that it needs, through the spec's cache if it has one.
/// Files that the spec asks to be generated are written before they are first read.
public struct Experiment: Sendable {
  public let spec: Spec
  /// Threads to train and compare with; nil for as many as the plan makes use of. Results are the
  /// same whatever it is.
  public var threads: Int?
  /// Whether damaged records of the files are left out and counted, instead of being an error.
  public var skipsDamagedRecords = false
  /// The processes that train together; nil trains in this one alone.
  public var workers: Workers?
  /// Whether the files are the caller's own, of which none is generated.
  let ownsFiles: Bool

  /// Reads and checks a spec file; `-` is standard input, whose paths are relative to the working
  /// directory.
  ///
  /// - Parameter overrides: By key path the values that replace what the file says, in JSON5 or as
  ///   plain text: `["training.epochs": "3"]`.
  public init(
    contentsOf path: String, overrides: [String: String] = [:]
  ) throws(ExperimentError) {
    try self.init(
      contentsOf: path,
      assignments: overrides.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
  }

  /// - Parameter assignments: Overrides as `--set` takes them, one after the other:
  ///   `training.epochs=3`.
  public init(contentsOf path: String, assignments: [String]) throws(ExperimentError) {
    spec = try ExperimentError.wrap { try Self.spec(path, assignments) }
    ownsFiles = assignments.contains { $0.hasPrefix("data.") }
  }

  /// - Parameter spec: A spec that was read, or built from values: `Spec(name:data:…)`.
  public init(_ spec: Spec) {
    self.spec = spec
    ownsFiles = false
  }

  /// The same with a spec that has the same data.
  func with(_ spec: Spec) -> Experiment { Experiment(self, spec) }

  private init(_ other: Experiment, _ spec: Spec) {
    self.spec = spec
    threads = other.threads
    skipsDamagedRecords = other.skipsDamagedRecords
    workers = other.workers
    ownsFiles = other.ownsFiles
  }

  public var name: String { spec.name }

  /// The reference of the keys of a spec.
  public typealias SpecReference = ModelDefs.SpecReference

  private static func spec(_ path: String, _ overrides: [String]) throws -> Spec {
    guard path == "-" else {
      if CompiledPlan.isPlan(path) {
        throw ExperimentError(
          .spec, "\(path): a plan, where a spec is needed",
          hint: "mtlc inspect \(path) --spec prints the spec that it was compiled from")
      }
      return try Spec(path: path, overrides: overrides)
    }
    let input = try FileSource("-")
    var bytes: [UInt8] = []
    while case let part = try input.read(count: 1 << 16), !part.isEmpty { bytes += part }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ExperimentError(.spec, "<stdin>: the spec is not UTF-8 text")
    }
    return try Spec(text: text, file: "<stdin>", overrides: overrides)
  }
}

extension Experiment {
  var compiler: SpecCompiler { SpecCompiler(spec: spec, shards: shardCount) }

  func reading(_ observer: any Observer) -> RowReading {
    RowReading(cache: spec.files.cache, skipsDamage: skipsDamagedRecords, observer: observer)
  }

  /// Generates the files that the spec asks for where there are none.
  /// - Returns: The best possible AUC of each task where it is known.
  @discardableResult
  func prepareFiles(_ observer: any Observer) throws -> [BestAUC] {
    try ownsFiles ? [] : SampleData.prepare(spec, observer)
  }

  /// Reads the training rows, and learns vocabularies and normalisers from them.
  func fit(rowLimit: Int? = nil, _ observer: any Observer) throws -> FittedData {
    try requireTables()
    try prepareFiles(observer)
    return try reading(observer).fit(
      spec.dataDeclaration, spec.files.train, rowLimit: rowLimit)
  }

  /// Refuses specs that learn from images, where rows are needed.
  func requireTables() throws {
    guard case .images = spec.learning else { return }
    throw ExperimentError(
      .spec, "\(spec.file): the spec learns from images, which have no columns",
      hint: "mtlc check shows their classes and sizes")
  }

  /// The shape of programs whose rows are made up: the training files are read only where a vocabulary
  /// or a normaliser has to be learned from them, or the size of images.
  func assumedShape(_ observer: any Observer) throws -> ModelShape {
    if case .images = spec.learning { return try trainingFiles(observer).shape }
    let data = spec.dataDeclaration
    return .rows(data.learnsVocabularies ? try fit(observer).schema : data.assumedSchema)
  }

  /// The rows of the test files, with what they showed of the columns; nil without test files.
  func testRows(
    _ training: FittedData, rowLimit: Int?, _ observer: any Observer
  ) throws -> (dataset: Dataset, statistics: DataStatistics)? {
    guard !spec.files.test.isEmpty else { return nil }
    var test = try reading(observer).rows(
      spec.files.test, training.schema, "test rows", rowLimit: rowLimit)
    UnseenIds.count(
      in: &test.statistics, rows: test.dataset, training: training, features: spec.features)
    return test
  }
}
