import Plan
import Runtime
import Schema

/// Predictions of rows, and the labels that they are held against.
struct RowScores {
  struct Task {
    let record: TaskRecord
    /// Row-major `[rows, width]`.
    var predictions: [Float]
    /// By row the label, or nil where the row does not count for the task; empty for a task without labels.
    var labels: [Float?]

    /// The rows that count.
    var counted: [Int] { labels.indices.filter { labels[$0] != nil } }
  }

  let rows: Int
  let tasks: [Task]

  /// Predicts all rows. Throws `FeedError` where the rows lack a feed that the model reads.
  init(_ engine: StaticEngine, _ source: GatheredRows) throws {
    rows = source.rowCount
    let records = engine.tasks
    var predictions = records.map { [Float](repeating: 0, count: source.rowCount * $0.width) }
    let destinations = try engine.destinations(for: source.feeds, .predict)
    let capacity = engine.capacity(.predict)
    for start in stride(from: 0, to: rows, by: capacity) {
      let batch = (start..<min(start + capacity, rows)).map { Int32(truncatingIfNeeded: $0) }
      batch.withUnsafeBufferPointer { source.copyRows($0, into: destinations) }
      try engine.predict(rows: batch.count)
      for (k, record) in records.enumerated() {
        predictions[k].withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          engine.copyPredictions(
            task: k, rows: batch.count, to: base + start * record.width)
        }
      }
    }
    tasks = zip(records, predictions).map { record, values in
      Task(
        record: record, predictions: values, labels: Self.labels(record, source))
    }
  }

  private static func labels(_ task: TaskRecord, _ source: GatheredRows) -> [Float?] {
    guard let column = task.labelColumn,
      let labels = source.floats(FeedLayout.labels, column: column)
    else { return [] }
    func mask(_ column: Int) -> [Float]? { source.floats(FeedLayout.labelMask, column: column) }
    let counts = mask(column)
    let condition = task.conditionColumn.flatMap { column in
      source.floats(FeedLayout.labels, column: column).map { ($0, mask(column)) }
    }
    return labels.indices.map { row in
      if let counts, counts[row] == 0 { return nil }
      if let (values, known) = condition {
        if let known, known[row] == 0 { return nil }
        if values[row] != 1 { return nil }
      }
      return labels[row]
    }
  }
}
