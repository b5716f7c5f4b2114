import Data
import ModelDefs
import Schema

/// The project's own sample data.
public enum SampleData {
  private static let trainingClasses = 150
  private static let testClasses = 50

  /// Generates the files that a spec expects if there are none. Returns the best possible AUC of
  /// each task where it is known, which is kept beside the test file. Throws `FileError`.
  static func prepare(_ spec: Spec, _ observer: any Observer) throws -> [BestAUC] {
    guard let train = spec.files.train.first, let test = spec.files.test.first else { return [] }
    let exists = [train, test].contains(where: FileManager.default.fileExists(atPath:))
    func begin(_ what: String) throws {
      observer.receive(.note("generating \(what): \(train), \(test)"))
      for path in [train, test] { try OutputFolder.make(OutputFolder.parent(of: path)) }
    }
    switch (spec.files.generate, spec.learning) {
    case (.characters, .images):
      if exists { return [] }
      try begin("characters")
      let generator = CharacterGenerator()
      try generator.write(train, classes: trainingClasses, first: 0)
      try generator.write(test, classes: testClasses, first: trainingClasses)
      return []
    case (.coldStart, .groups(let model)):
      if exists { return readRecord(recordPath(test)) }
      try begin("the cold start")
      let best = try ColdStartGenerator().write(
        train: train, test: test, supportRows: model.supportRows, queryRows: model.queryRows)
      try writeRecord([best], to: recordPath(test))
      return [best]
    default:
      guard let kind = Kind(spec.files.generate) else { return [] }
      if exists { return readRecord(recordPath(test)) }
      try begin("the sample")
      return try generate(kind, train: train, test: test, correlation: 0.5).ranking
    }
  }

  /// What can be generated.
  public enum Kind: String, Sendable, CaseIterable {
    case ads, funnel, regression, mmoe, census
    case adLog = "ali-ccp"

    init?(_ generated: GeneratedData) {
      switch generated {
      case .none, .coldStart, .characters: return nil
      case .ads: self = .ads
      case .funnel: self = .funnel
      case .regression: self = .mmoe
      }
    }

    /// Rows of the two files, unless other numbers are asked for.
    public var rows: (train: Int, test: Int) {
      switch self {
      case .ads: (100_000, 10_000)
      case .funnel: (200_000, 50_000)
      case .regression, .mmoe: (50_000, 10_000)
      case .census: (200_000, 100_000)
      case .adLog: (1_000_000, 100_000)
      }
    }
  }

  /// Writes a training and a test file, and beside the test file the best possible AUC of each task.
  /// The same seed gives the same bytes everywhere.
  ///
  /// - Parameters:
  ///   - trainRows: nil for the kind's own number, as `testRows`.
  ///   - correlation: Of the tasks of `mmoe`, from 0 to 1.
  /// - Returns: What any model can reach at best on the test file: the AUC of each task, or the
  ///   squared error of `regression`.
  public static func write(
    _ kind: Kind, train: String, test: String, trainRows: Int? = nil, testRows: Int? = nil,
    seed: UInt64? = nil, correlation: Double = 1
  ) throws(ExperimentError) -> (ranking: [BestAUC], fit: [BestFit]) {
    try ExperimentError.wrap {
      try generate(
        kind, train: train, test: test, trainRows: trainRows, testRows: testRows, seed: seed,
        correlation: correlation)
    }
  }

  private static func generate(
    _ kind: Kind, train: String, test: String, trainRows: Int? = nil, testRows: Int? = nil,
    seed: UInt64? = nil, correlation: Double = 1
  ) throws -> (ranking: [BestAUC], fit: [BestFit]) {
    for path in [train, test] { try OutputFolder.make(OutputFolder.parent(of: path)) }
    let seed = seed ?? 2026
    let (trainRows, testRows) = (trainRows ?? kind.rows.train, testRows ?? kind.rows.test)
    let best: [BestAUC]
    switch kind {
    case .ads:
      best = try SampleGenerator(seed: seed).write(
        train: train, test: test, trainRows: trainRows, testRows: testRows)
    case .funnel:
      best = try FunnelGenerator(seed: seed).write(
        train: train, test: test, trainRows: trainRows, testRows: testRows)
    case .adLog:
      best = try AdLogGenerator(seed: seed).write(
        train: train, test: test, trainRows: trainRows, testRows: testRows)
    case .census:
      best = try CensusGenerator(seed: seed).write(
        train: train, test: test, trainRows: trainRows, testRows: testRows)
    case .regression, .mmoe:
      let fit = try RegressionGenerator(seed: seed, correlation: correlation).write(
        train: train, test: test, trainRows: trainRows, testRows: testRows)
      return ([], fit)
    }
    try writeRecord(best, to: recordPath(test))
    return (best, [])
  }

  private static func writeRecord(_ best: [BestAUC], to path: String) throws {
    let rows = best.map { "\($0.task),\($0.auc),\($0.baseRate)\n" }
    try AtomicFile.write(Array(("task,auc,base_rate\n" + rows.joined()).utf8), to: path)
  }

  private static func recordPath(_ test: String) -> String {
    let stem = test.hasSuffix(".csv") ? String(test.dropLast(4)) : test
    return stem + ".best.csv"
  }

  /// What was recorded when the files were generated; empty if that is gone.
  private static func readRecord(_ path: String) -> [BestAUC] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").dropFirst().compactMap { line in
      let cells = line.split(separator: ",")
      guard cells.count == 3, let auc = Double(cells[1]), let rate = Double(cells[2]) else {
        return nil
      }
      return BestAUC(task: String(cells[0]), auc: auc, baseRate: rate)
    }
  }
}
