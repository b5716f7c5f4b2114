import Data
import Runtime
import Schema

/// The predictions of one run of the predict program, task by task.
final class PredictionBuffer {
  private let engine: StaticEngine
  /// Where the engine reads the feeds of a batch.
  private let destinations: [UnsafeMutableRawPointer?]
  private let widths: [Int]
  private var values: [[Float]]

  /// - Throws: `FeedError` when there is a feed missing that the model reads.
  init(_ engine: StaticEngine, feeds: [FeedLayout.Feed]) throws {
    self.engine = engine
    destinations = try engine.destinations(for: feeds, .predict)
    widths = engine.tasks.map(\.width)
    values = widths.map { [Float](repeating: 0, count: engine.capacity(.predict) * $0) }
  }

  /// Predicts the rows of a batch, of no more rows than the engine takes.
  func predict(_ batch: PredictionBatch) throws {
    let rows = batch.rowCount
    batch.dataset.copyRows(0..<rows, into: destinations)
    try engine.predict(rows: rows)
    for task in values.indices {
      values[task].withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        engine.copyPredictions(task: task, rows: rows, to: base)
      }
    }
  }

  /// Calls `body` with the values of a row, in the order of `Predictor.columns`.
  @inline(__always)
  func forEach(row: Int, _ body: (Float) throws -> Void) rethrows {
    for (task, width) in widths.enumerated() {
      for k in 0..<width { try body(values[task][row * width + k]) }
    }
  }
}
