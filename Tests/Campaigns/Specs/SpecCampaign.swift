import Data
import Experiments
import Foundation
import Plan
import Synchronization

/// Random specs through everything that is done with one: check, compile, compare, train in both ways
/// of stopping, predict.
struct SpecCampaign: Campaign {
  static let name = "specs"
  static let summary = "random specs: check, compile, compare, train, predict, resume"
  static let limits = CaseLimits(seconds: 60)

  private let folder: String

  init(folder: String) throws {
    self.folder = "\(folder)/specs-\(ProcessInfo.processInfo.processIdentifier)"
  }

  /// Asks to stop after so many progress events.
  private final class Stopper: Observer {
    private let left: Atomic<Int>
    init(after steps: Int) { left = Atomic(steps) }
    func receive(_ event: Event) {}
    var shouldStop: Bool { left.subtract(1, ordering: .relaxed).newValue <= 0 }
  }

  mutating func run(_ test: inout Case) throws -> String {
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    let subject = SpecGenerator.subject(&test.random)
    test.note(subject.spec)
    let path = "\(folder)/spec.json5"
    try subject.spec.write(toFile: path, atomically: false, encoding: .utf8)
    try subject.train.write(toFile: "\(folder)/train.csv", atomically: false, encoding: .utf8)
    var experiment = try Experiment(contentsOf: path)
    experiment.threads = 1 + test.random.below(2)
    // Compiling takes most of the time, and each of these compiles.
    if test.random.isOne(in: 4) { _ = try experiment.check() }
    let isFinite = try compare(experiment, steps: 1 + test.random.below(2), subject)

    let compiled = try experiment.compile()
    if !isFinite {
      // A step that leaves the range of f32 in both modes has to end the training, with a message.
      guard try train(compiled, experiment) == nil else {
        throw Fault(description: "no number in both modes, and training goes on (\(subject.model))")
      }
      return "diverged"
    }
    guard let trained = try train(compiled, experiment) else { return "diverged" }
    let plan = try trained.plan
    if test.random.isOne(in: 4) {
      // The same bits by way of a file and with another number of threads, and from the spec.
      guard try CompiledPlan(contentsOf: write(compiled)).train(threads: 3).plan == plan,
        try experiment.train().plan == plan
      else {
        throw Fault(description: "the plan trains to other bits than the spec (\(subject.model))")
      }
    }
    if test.random.isOne(in: 4) {
      try resume(experiment, after: 1 + test.random.below(5), plan, subject)
    }
    if !subject.learnsFromEpisodes { try predict(CompiledPlan(trained), subject, &test) }
    return subject.learnsFromEpisodes ? "maml" : subject.model
  }

  /// nil where a loss is no number, as with a learning rate that is too large: the modes agree on the first
  /// steps, and the message says where it arose.
  private func train(_ compiled: CompiledPlan, _ experiment: Experiment) throws -> Run? {
    let result = Result { try compiled.train(threads: experiment.threads) }
    if case .failure(let error) = result, (error as? ExperimentError)?.kind == .numeric {
      return nil
    }
    return try result.get()
  }

  /// Both modes agree within the bounds, and choose alike.
  /// - Returns: Whether they can be compared: not where both are no number, of one that is beyond f32.
  private func compare(
    _ experiment: Experiment, steps: Int, _ subject: SpecGenerator.Subject
  ) throws -> Bool {
    let comparison = try experiment.compare(steps: steps)
    if comparison.report.entries.contains(where: { !$0.eager.isFinite && !$0.compiled.isFinite }) {
      return false
    }
    for entry in comparison.report.entries where entry.distance > entry.bound {
      throw Fault(
        description: "\(entry.kind) \(entry.name): \(entry.eager) eager, \(entry.compiled) static,"
          + " allowed \(entry.bound) (\(subject.model))")
    }
    guard comparison.agrees else { throw Fault(description: "choices differ (\(subject.model))") }
    return true
  }

  private func write(_ plan: CompiledPlan) throws -> String {
    let path = "\(folder)/plan.bin"
    try plan.write(to: path)
    return path
  }

  /// A run that is stopped and goes on ends with the bits of one that is not.
  private func resume(
    _ experiment: Experiment, after steps: Int, _ plan: Plan, _ subject: SpecGenerator.Subject
  ) throws {
    guard try isStopped(experiment, after: steps) else { return }
    let resumed = try experiment.train(checkpoints: Checkpoints(in: folder, resumes: true)).plan
    guard resumed.weights == plan.weights else {
      throw Fault(description: "a resumed run has other weights (\(subject.model))")
    }
  }

  /// Trains and asks to stop.
  /// - Returns: Whether the run was stopped before its end.
  private func isStopped(_ experiment: Experiment, after steps: Int) throws -> Bool {
    let result = Result {
      try experiment.train(checkpoints: Checkpoints(in: folder), observer: Stopper(after: steps))
    }
    guard case .failure(let error) = result else { return false }
    guard let error = error as? ExperimentError, error.kind == .interrupted else { throw error }
    return true
  }

  /// Predictions are probabilities where they should be, and those of rows alone are those of rows
  /// together but for rounding.
  private func predict(
    _ plan: CompiledPlan, _ subject: SpecGenerator.Subject, _ test: inout Case
  ) throws {
    let predictor = try Predictor(plan)
    let together = try predictor.predict(subject.rows)
    for (column, values) in together {
      guard values.count == subject.rows.count, values.allSatisfy(\.isFinite) else {
        throw Fault(description: "predictions of \(column) are missing or not finite")
      }
    }
    let place = test.random.below(subject.rows.count)
    for (column, values) in try predictor.predict([subject.rows[place]]) {
      guard let other = together[column]?[place], let own = values.first else {
        throw Fault(description: "a row alone has no prediction of \(column)")
      }
      // A large amount is a power of e, whose relative rounding is that of the exponent.
      let scale = max(1, abs(own))
      guard abs(own - other) <= 1e-6 * max(10, log(scale)) * scale else {
        throw Fault(
          description:
            "a row alone has another prediction of \(column): \(own) in place of \(other)")
      }
    }
  }
}
