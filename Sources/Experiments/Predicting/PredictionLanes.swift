import Data
import Runtime
import Schema

/// Works on the batches of a reader on several threads, each of which cuts a batch off the file in its
/// turn, encodes it and does the work on it alone. What comes of it is handed on in the order of the
/// rows, and no thread is more than a few batches ahead of that, so that memory is bounded.
final class PredictionLanes: @unchecked Sendable {
  /// What a thread works with.
  final class Lane {
    let engine: StaticEngine
    let predictions: PredictionBuffer
    fileprivate let rows = PredictionLane()

    init(_ reader: PredictionReader, _ engine: StaticEngine) throws {
      self.engine = engine
      predictions = try PredictionBuffer(engine, feeds: reader.layout.feeds)
    }
  }

  private let reader: PredictionReader
  private let lanes: [Lane]
  /// Held by the lane that cuts a batch off the file.
  private let turn = Condition()
  /// Batches that were taken; under `turn`.
  private var taken = 0
  private var isAtEnd = false

  /// Held by the lane that hands results on, and signalled when it has.
  private let order = Condition()
  // Under `order`:
  /// Batches that a lane has taken or is about to take, and those that were handed on.
  private var begun = 0
  private var committed = 0
  private var failure: (batch: Int, error: any Error)?

  /// - Parameters:
  ///   - session: Of one thread; one lane uses it, the others share its parameters.
  ///   - threads: How many lanes there may be; fewer where the files are small.
  init(_ reader: PredictionReader, _ session: Session, threads: Int) throws {
    self.reader = reader
    let count = max(1, min(threads, reader.parallelism))
    lanes = try (0..<count).map { k in
      let own = k == 0 ? session : try Session(predictingBeside: session)
      return try Lane(reader, StaticEngine(own))
    }
  }

  /// Calls `work` for each batch, on any thread, and `commit` with what it returns, by one thread at a
  /// time and in the order of the batches.
  /// - Throws: The first error in that order.
  func run<Result>(
    work: (PredictionBatch, Lane) throws -> Result, commit: (Result) throws -> Void
  ) throws {
    var finished: [Int: Result] = [:]
    concurrently(lanes.count) { number in
      let lane = lanes[number]
      while let batch = take(lane.rows) {
        do {
          let result = try work(lane.rows.batch(of: reader), lane)
          order.lock()
          defer { order.unlock() }
          finished[batch] = result
          while committed < failure?.batch ?? .max,
            let next = finished.removeValue(forKey: committed)
          {
            try commit(next)
            committed += 1
          }
          order.broadcast()
        } catch {
          fail(batch, error)
        }
      }
    }
    if let failure { throw failure.error }
  }

  /// Cuts the next batch off the file, once it is not too far ahead.
  /// - Returns: Its number; nil when nothing is left, or after an error.
  private func take(_ lane: PredictionLane) -> Int? {
    order.lock()
    while failure == nil, begun - committed >= 2 * lanes.count { order.wait() }
    let mayGoOn = failure == nil
    begun += 1
    order.unlock()
    guard mayGoOn else { return nil }
    turn.lock()
    defer { turn.unlock() }
    do {
      if !isAtEnd, try lane.take(from: reader) {
        taken += 1
        return taken - 1
      }
      isAtEnd = true
    } catch {
      isAtEnd = true
      fail(taken, error)
    }
    return nil
  }

  private func fail(_ batch: Int, _ error: any Error) {
    order.lock()
    if batch <= failure?.batch ?? .max { failure = (batch, error) }
    order.broadcast()
    order.unlock()
  }
}
