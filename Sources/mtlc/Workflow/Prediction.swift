import Data
import Foundation
import Plan
import Runtime
import Schema

/// Predictions for the rows of a file: a row out for each row in, in the same order.
struct Prediction {
  let plan: Plan
  let threads: Int?
  let log: Log

  /// Writes the kept columns and a column for each task. The file appears whole or not at all.
  /// Throws `DataError`, `FileError`.
  func run(_ rows: String, keep: [String], to path: String) throws {
    let engine = try StaticEngine(Session(plan: plan, threads: threads))
    let capacity = engine.capacity(.predict)
    let reader = try PredictionReader(rows, schema: plan.schema, keep: keep, batchRows: capacity)
    let feeds = reader.layout.feeds.map {
      BatchFeed(name: $0.name, width: $0.width, isInteger: $0.isInteger)
    }
    let destinations = try engine.destinations(for: feeds, .predict)
    let writer = CSVWriter(try AtomicFile(path), delimiter: delimiter(for: path))
    try writer.header(keep + plan.tasks.flatMap { Self.columns($0, plan.schema) })
    var predictions = plan.tasks.map { [Float](repeating: 0, count: capacity * $0.width) }
    let widths = plan.tasks.map(\.width)
    let meter = ReadingMeter(
      "predicting", files: rows == "-" ? [] : [rows], verb: "predicted", log: log)
    var count = 0
    while let batch = try reader.nextBatch() {
      batch.dataset.copyRows(0..<batch.rowCount, into: destinations)
      try engine.predict(rows: batch.rowCount)
      for task in predictions.indices {
        predictions[task].withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          engine.copyPredictions(task: task, rows: batch.rowCount, to: base)
        }
      }
      for row in 0..<batch.rowCount {
        for column in keep.indices {
          batch.withKept(row: row, column: column) { writer.field($0) }
        }
        for (task, width) in widths.enumerated() {
          for k in 0..<width { writer.field(predictions[task][row * width + k]) }
        }
        try writer.endRow()
      }
      count += batch.rowCount
      meter.callback(reader.bytesRead)
    }
    try writer.finish()
    meter.finish(rows: count)
  }

  /// A task's columns: its name, or for each class `<task>.<class>`.
  private static func columns(_ task: TaskRecord, _ schema: DataSchema) -> [String] {
    guard case .multiclass = task.kind, let column = task.labelColumn,
      case .classes(let names) = schema.labels[column].kind
    else { return [task.name] }
    return names.map { "\(task.name).\($0)" }
  }

  /// As the output is named, or else as the input is written.
  private func delimiter(for path: String) -> UInt8 {
    if path.hasSuffix(".csv") { return UInt8(ascii: ",") }
    if path.hasSuffix(".tsv") { return UInt8(ascii: "\t") }
    return plan.schema.format.delimiter
  }
}
