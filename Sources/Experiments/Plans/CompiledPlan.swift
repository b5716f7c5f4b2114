import Data
import Plan
import Runtime
import Schema

/// A plan and what can be done with it without its spec.
public struct CompiledPlan: Sendable {
  public let plan: Plan
  /// The file that it was read from.
  let path: String?

  package init(_ plan: Plan) {
    self.plan = plan
    path = nil
  }

  /// The trained plan of a run.
  public init(_ run: Run) throws(ExperimentError) { self.init(try run.plan) }

  /// Reads, checks and validates a plan; `-` is standard input.
  public init(contentsOf path: String) throws(ExperimentError) {
    plan = try ExperimentError.wrap { try PlanFile.read(path) }
    self.path = path
  }

  /// Whether a file begins as plans do. False for a pipe, which could be read once only.
  public static func isPlan(_ path: String) -> Bool { path != "-" && PlanFile.isPlan(path) }

  /// Checks and validates the bytes of a plan file.
  public init(bytes: UnsafeRawBufferPointer) throws(ExperimentError) {
    plan = try ExperimentError.wrap { try PlanFile.plan(Array(bytes), from: "the plan") }
    path = nil
  }

  /// Writes the plan whole or not at all; `-` is standard output.
  /// - Returns: The bytes of its file.
  @discardableResult
  public func write(to path: String) throws(ExperimentError) -> Int { try plan.write(to: path) }

  /// Throws a plan error for a plan that was not trained or cannot predict.
  package func requireTrained() throws(ExperimentError) {
    let place = path.map { "\($0): " } ?? ""
    guard plan.weights != nil else {
      throw ExperimentError(
        .plan, "\(place)the plan is compiled but not trained",
        hint: path.map { "mtlc run \($0) -o trained.bin trains it" })
    }
    guard plan.program(.predict) != nil else {
      throw ExperimentError(.plan, "\(place)the plan has no prediction program")
    }
  }

  /// Trains the plan from its seed on the files named in its spec, and evaluates it: bit for bit what
  /// training from the spec gives.
  public func train(
    threads: Int? = nil, skipsDamagedRecords: Bool = false, observer: any Observer = .silent
  ) throws(ExperimentError) -> Run {
    guard plan.program(.train) != nil else {
      throw ExperimentError(
        .plan, "the plan has no training program", hint: "it can predict only")
    }
    return try ExperimentError.wrap {
      let reading = RowReading(skipsDamage: skipsDamagedRecords, observer: observer)
      var run = TrainingRun(plan: plan, threads: threads, observer: observer)
      if plan.episodes != nil { return try run.run(EpisodeData(plan, reading: reading)) }
      let data = try TrainingData(plan.training, schema: plan.schema, reading: reading)
      try data.requireLabels(for: plan)
      return try run.run(data)
    }
  }

  /// Metrics of each task over the labelled rows of files; a model that learns from episodes adapts to
  /// each of them and scores its queries.
  ///
  /// - Parameter skipsDamagedRecords: Leaves damaged records out and counts them.
  /// - Throws: A plan error for a plan that was not trained.
  public func evaluate(
    _ files: [String], threads: Int? = nil, skipsDamagedRecords: Bool = false,
    observer: any Observer = .silent
  ) throws(ExperimentError) -> EvaluationReport {
    try requireTrained()
    guard plan.episodes != nil else {
      return try Predictor(self, threads: threads).evaluate(
        files, skipsDamagedRecords: skipsDamagedRecords, observer: observer)
    }
    return try ExperimentError.wrap {
      let data = try EpisodeData(
        plan, reading: RowReading(skipsDamage: skipsDamagedRecords, observer: observer))
      guard let episodes = try data.evaluation(files, "rows") else {
        throw ExperimentError(.argument, "there are no files to evaluate on")
      }
      return try StaticEpisodeEngine(plan: plan, threads: threads).measure(
        episodes, tasks: plan.tasks)
    }
  }
}

extension Plan {
  /// Writes the plan whole or not at all; `-` is standard output.
  /// - Returns: The bytes of its file.
  @discardableResult
  public func write(to path: String) throws(ExperimentError) -> Int {
    let bytes = encoded()
    try ExperimentError.wrap { try AtomicFile.write(bytes, to: path) }
    return bytes.count
  }
}

/// Reading plan files.
enum PlanFile {
  /// Whether a regular file begins as plans do; what is no such file or cannot be read does not.
  static func isPlan(_ path: String) -> Bool {
    guard let file = try? FileSource(path), file.size != nil else { return false }
    return (try? file.read(count: PlanFormat.magic.count)) == PlanFormat.magic
  }

  /// Reads, checks and validates a plan; `-` is standard input. Throws a plan error.
  static func read(_ path: String) throws -> Plan {
    let bytes: [UInt8]
    let name = path == "-" ? "<stdin>" : path
    do {
      bytes = try self.bytes(path)
    } catch let error as PlanError {
      throw ExperimentError(.plan, "\(name): \(error)")
    } catch let error as DataError {
      throw ExperimentError(.plan, error.description)
    }
    return try plan(bytes, from: name)
  }

  /// Checks and validates the bytes of a plan file. Throws a plan error.
  static func plan(_ bytes: [UInt8], from name: String) throws -> Plan {
    let plan: Plan
    do {
      plan = try Plan(decoding: bytes)
    } catch {
      throw ExperimentError(.plan, "\(name): \(error)")
    }
    try MemoryCheck.require(plan)
    return plan
  }

  /// The bytes of a file or a pipe. Reading stops where the header is not that of a plan, and memory is
  /// allocated for the bytes that come, not for those that the header promises.
  private static func bytes(_ path: String) throws -> [UInt8] {
    guard path == "-" || FileManager.default.fileExists(atPath: path) else {
      throw DataError("there is no such file", at: .init(file: path))
    }
    let file = try FileSource(path)
    var bytes: [UInt8] = []
    func read(upTo count: Int) throws {
      while bytes.count < count {
        let more = try file.read(count: min(1 << 20, count - bytes.count))
        if more.isEmpty { return }
        bytes += more
      }
    }
    try read(upTo: PlanFormat.headerBytes)
    let count = try PlanDecoder().byteCount(head: bytes, size: file.size)
    try MemoryCheck.require(bytes: count, of: path)
    if file.size != nil { bytes.reserveCapacity(count) }
    // A byte more shows that a pipe has more than the plan.
    try read(upTo: count + 1)
    return bytes
  }
}
