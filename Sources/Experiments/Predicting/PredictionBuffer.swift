import Data
import Runtime
import Schema

/// The predictions of one run of the predict program, task by task.
final class PredictionBuffer {
  private let engine: StaticEngine
  /// Where the engine reads the feeds of a batch.
  private let destinations: [UnsafeMutableRawPointer?]
  private let feeds: [FeedLayout.Feed]
  private let widths: [Int]
  private var values: [[Float]]

  /// - Throws: `FeedError` when there is a feed missing that the model reads.
  init(_ engine: StaticEngine, feeds: [FeedLayout.Feed]) throws {
    self.engine = engine
    self.feeds = feeds
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

  /// Which of the rows that were predicted have a value that is not finite.
  func nonFiniteRows(_ rows: Int) -> [Int] {
    (0..<rows).filter { row in
      zip(values, widths).contains { values, width in
        values[row * width..<(row + 1) * width].contains { !$0.isFinite }
      }
    }
  }

  /// The largest number of a row, where it is far from 1.
  func extreme(row: Int, _ schema: DataSchema) -> ExtremeNumber? {
    ExtremeNumber.farthest(
      zip(feeds, destinations).map { (feed: $0, base: $1) }, rows: row..<row + 1, schema)
  }

  /// Calls `body` with the values of a row, in the order of `Predictor.columns`.
  @inline(__always)
  func forEach(row: Int, _ body: (Float) throws -> Void) rethrows {
    for (task, width) in widths.enumerated() {
      for k in 0..<width { try body(values[task][row * width + k]) }
    }
  }
}
