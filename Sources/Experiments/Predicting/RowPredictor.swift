import Data
import Runtime
import Schema

/// Predicts rows in memory with a `ServingPlan`. It belongs to one thread at a time.
///
/// The results are those of the same rows in a file, to the last bit. Rows are predicted in batches of
/// as many as the plan was compiled for; nothing is allocated for a row.
public final class RowPredictor {
  private let serving: ServingPlan
  private let engine: StaticEngine
  private let encoder: ValueEncoder
  /// Where the engine reads each feed of the encoder's layout.
  private let destinations: [UnsafeMutableRawPointer?]
  private let feeds: [GivenFeed]
  private let widths: [Int]
  /// Values that are predicted for a row.
  public let outputCount: Int

  /// - Throws: `FeedError` when there is a feed missing that the model reads.
  init(_ serving: ServingPlan, _ engine: StaticEngine, _ encoder: ValueEncoder) throws {
    self.serving = serving
    self.engine = engine
    self.encoder = encoder
    let layout = encoder.layout
    destinations = try engine.destinations(for: layout.feeds, .predict)
    let blocks = try engine.session.feeds(.predict)
    feeds = blocks.map { GivenFeed($0, serving.plan.schema, layout) }
    widths = engine.tasks.map(\.width)
    outputCount = widths.reduce(0, +)
  }

  /// Predicts rows whose columns are values in memory.
  ///
  /// - Parameters:
  ///   - values: The columns, by their places in `ServingPlan.columns`; the same ones in the same order
  ///     as before take the least time.
  ///   - predictions: Row-major, `outputCount` values for each row.
  public func predict(
    _ values: UnsafeBufferPointer<ColumnValues>, rows: Int,
    into predictions: UnsafeMutablePointer<Float>
  ) throws(ExperimentError) {
    do {
      try forEachBatch(of: rows) { batch in
        try encoder.encode(values, rows: batch)
        encoder.copyRows(batch.count, into: destinations)
        try predict(batch.count, into: predictions + batch.lowerBound * outputCount)
      }
    } catch {
      throw ExperimentError(error)
    }
  }

  /// Predicts rows that are encoded already.
  ///
  /// - Parameter values: For each of `ServingPlan.feeds` a row-major matrix of `Int32` or `Float`. An id
  ///   is at least 0 and below the feature's cardinality; a list of ids is padded with −1.
  public func predict(
    feeds values: [UnsafeRawPointer], rows: Int, into predictions: UnsafeMutablePointer<Float>
  ) throws(ExperimentError) {
    precondition(values.count == feeds.count, "values for each feed")
    do {
      try forEachBatch(of: rows) { batch in
        for (feed, values) in zip(feeds, values) { try feed.copy(values, rows: batch) }
        try predict(batch.count, into: predictions + batch.lowerBound * outputCount)
      }
    } catch {
      throw ExperimentError(error)
    }
  }

  /// Predicts the rows of the bytes of a file in memory, in the format that the plan was trained on, with
  /// a header where files have one. The columns of labels may be absent.
  ///
  /// - Parameters:
  ///   - predictions: As above, with room for `capacity` rows.
  /// - Returns: How many rows there are.
  public func predict(
    text: UnsafeRawBufferPointer, into predictions: UnsafeMutablePointer<Float>, capacity: Int
  ) throws(ExperimentError) -> Int {
    try ExperimentError.wrap {
      let reader = try PredictionReader(text: text, for: encoder, batchRows: serving.batchRows)
      var count = 0
      while let batch = try reader.nextBatch() {
        guard batch.rowCount <= capacity - count else {
          throw ExperimentError(
            .argument, "the text has more rows than the \(capacity) that there is room for")
        }
        batch.dataset.copyRows(0..<batch.rowCount, into: destinations)
        try predict(batch.rowCount, into: predictions + count * outputCount)
        count += batch.rowCount
      }
      return count
    }
  }

  private func forEachBatch(of rows: Int, _ body: (Range<Int>) throws -> Void) throws {
    var start = 0
    while start < rows {
      let end = start + min(serving.batchRows, rows - start)
      try body(start..<end)
      start = end
    }
  }

  /// Predicts the rows that the engine's feeds hold.
  private func predict(_ rows: Int, into predictions: UnsafeMutablePointer<Float>) throws {
    try engine.predict(rows: rows)
    var place = predictions
    for task in 0..<widths.count {
      engine.copyPredictions(task: task, rows: rows, to: place, stride: outputCount)
      place += widths[task]
    }
  }
}
