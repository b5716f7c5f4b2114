import Plan
import Runtime
import Schema
import Transport

/// The processes that train one model together, each with its share of the micro-batches of every batch.
/// All of them end with the bits of a process alone.
///
///     let workers = try Workers.mpi()
///     let run = try workers.run { error, isOwn in print(error) } body: {
///       experiment.workers = workers
///       return try experiment.train()
///     }
public final class Workers: Sendable {
  /// How far they have come together.
  private enum Stage {
    /// Each gets its data ready; what goes wrong is told to the others by `agree`.
    case preparing
    /// All have agreed on what they train.
    case training
    /// All know why they do not train.
    case failed
  }

  let transport: any Transport
  private let stage = Guarded(Stage.preparing)
  private let lifeline: Lifeline?

  package init(_ transport: any Transport, lifeline: Lifeline? = nil) {
    (self.transport, self.lifeline) = (transport, lifeline)
  }

  /// Joins the processes that an mpirun has started, by the MPI library of the system. To be called once in a process.
  ///
  /// - Parameter lost: Is called, on a thread of its own, within ten seconds after a process has died or its host
  ///   was cut off, with the number of that process: the first process is told of every other, these of the
  ///   first; nil where the first has told of it. MPI itself may wait for ever; whoever is told should end the
  ///   process.
  public static func mpi(
    lost: @escaping @Sendable (_ rank: Int?) -> Void = { _ in }
  ) throws(ExperimentError) -> Workers {
    try ExperimentError.wrap {
      let transport = try MPITransport()
      return Workers(transport, lifeline: try Lifeline(transport, lost: lost))
    }
  }

  /// This process's number, from 0.
  public var rank: Int { transport.rank }

  public var count: Int { transport.count }

  /// Whether this is the process that prints and writes results.
  public var isFirst: Bool { rank == 0 }

  /// Runs what every process does, which trains once.
  ///
  /// - Parameter tell: Is given an error before this process leaves the others: an own one that came up after the
  ///   start of training, which ends all of them, or at the first process one that all of them know.
  /// - Throws: What the body throws. An error from before the start is the same in all processes: the first that
  ///   one of them met, with its number.
  public func run<Result>(
    tell: (_ error: ExperimentError, _ isOwn: Bool) -> Void, body: () throws -> Result
  ) throws(ExperimentError) -> Result {
    do {
      let result = try body()
      try finish()
      return result
    } catch {
      var failure = ExperimentError(error)
      // That training was asked to stop is what all have agreed on.
      if failure.kind != .interrupted, stage.withLock({ $0 == .training }) {
        tell(failure, true)
        transport.fail(failure.description)
        throw failure
      }
      if stage.withLock({ $0 == .preparing }) {
        do { try agree(.failure(failure)) } catch { failure = error }
      }
      if isFirst { tell(failure, false) }
      // A launcher ends all processes once one has ended with an error: not before the first has told it.
      try? transport.barrier()
      try? finish()
      throw failure
    }
  }

  private func finish() throws(TransportError) {
    lifeline?.release()
    try transport.finish()
  }

  /// What the first process would do: all do the same.
  func first(_ isTrue: Bool) throws -> Bool {
    var byte: UInt8 = isTrue ? 1 : 0
    try withUnsafeMutableBytes(of: &byte) { try transport.broadcast($0, from: 0) }
    return byte != 0
  }

  /// Waits until all processes are ready to train the same, or throws in all of them why they are not.
  func agree(_ offer: Swift.Result<TrainingOffer, ExperimentError>) throws(ExperimentError) {
    let own = TrainingOffer.message(offer)
    var all = [UInt8](repeating: 0, count: own.count * count)
    let counts = Array(repeating: own.count, count: count)
    try ExperimentError.wrap {
      try own.withUnsafeBytes { own in
        try all.withUnsafeMutableBytes { try transport.allgather(own, into: $0, counts: counts) }
      }
    }
    let messages = (0..<count).map { rank in
      TrainingOffer.read(all[rank * own.count..<(rank + 1) * own.count])
    }
    stage.withLock { $0 = .failed }
    for (rank, message) in messages.enumerated() {
      guard case .failure(var error) = message else { continue }
      // One mistake that all of them see is that of the spec or of the command.
      if messages.contains(where: { $0 != message }) {
        error.message = "process \(rank) of \(count): \(error.message)"
      }
      throw error
    }
    let offers = messages.compactMap { try? $0.get() }
    for (rank, other) in offers.enumerated() {
      guard let difference = offers[0].difference(from: other) else { continue }
      throw ExperimentError(
        .argument, "process \(rank) has \(difference) than process 0",
        hint: "all processes need the same mtlc, spec and data")
    }
    stage.withLock { $0 = .training }
  }
}

extension Experiment {
  /// Whether processes can share the training; says what to do where they cannot.
  func requireShares(_ workers: Workers, _ mode: Mode) throws {
    guard mode == .static else {
      throw ExperimentError(.argument, "several processes train in the static mode alone")
    }
    guard case .rows = spec.learning else {
      throw ExperimentError(
        .spec, "\(spec.file): a model that learns from episodes trains in one process",
        hint: "leave --mpi away")
    }
    let microBatches = spec.training.microBatches.count
    let share = microBatches / workers.count
    guard share * workers.count == microBatches, workers.count == 1 || share.nonzeroBitCount == 1
    else {
      throw ExperimentError(
        .spec,
        "\(spec.file): training.micro_batches is \(microBatches), which \(workers.count) processes cannot"
          + " share: each takes as many, and that number is a power of two",
        hint: "set training.micro_batches to \(workers.count), or to 2, 4, 8 … times that")
    }
  }
}
