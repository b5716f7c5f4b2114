import Data
import Plan
import Runtime
import Schema

extension Predictor {
  /// Writes a row for each row of a file, in the same order: the kept columns and the columns of
  /// predictions. The output appears whole or not at all.
  ///
  /// - Parameters:
  ///   - file: `-` is standard input.
  ///   - keep: Columns of the file to copy; an entry may name several with commas between them. One
  ///     that is named as a column of predictions is called `<name>.input` in the output.
  ///   - path: `-` is standard output. `.csv` and `.tsv` say how fields are separated; otherwise they
  ///     are as the plan's format says.
  public func predict(
    file: String, keep: [String] = [], to path: String, observer: any Observer = .silent
  ) throws(ExperimentError) {
    try ExperimentError.wrap {
      let reader = try PredictionReader(
        file, schema: plan.schema, keep: keep, batchRows: engine.capacity(.predict))
      let writer = CSVWriter(try AtomicFile(path), delimiter: delimiter(for: path))
      let kept = reader.keep.map { name in
        var title = name
        while columns.contains(title) { title += ".input" }
        if title != name {
          observer.receive(
            .note("the column \(name) of the input is called \(title) in the output"))
        }
        return title
      }
      try writer.header(kept + columns)
      let meter = ReadingMeter(
        "predicting", files: file == "-" ? [] : [file], verb: "predicted", observer)
      var count = 0
      try forEachBatch(of: reader) { batch, predictions in
        for row in 0..<batch.rowCount {
          for column in kept.indices {
            batch.withKept(row: row, column: column) { writer.field($0) }
          }
          predictions.forEach(row: row) { writer.field($0) }
          try writer.endRow()
        }
        count += batch.rowCount
        meter.callback(reader.bytesRead)
      }
      try writer.finish()
      meter.callback(reader.bytesRead)
      meter.finish(rows: count)
      for join in reader.joins where join.unmatched > 0 {
        observer.receive(.warning(join.text("input")))
      }
    }
  }

  /// Predicts the rows of a reader, batch by batch.
  func forEachBatch(
    of reader: PredictionReader,
    _ body: (PredictionBatch, PredictionBuffer) throws -> Void
  ) throws {
    let destinations = try engine.destinations(for: reader.layout.feeds, .predict)
    var predictions = PredictionBuffer(plan.tasks, capacity: engine.capacity(.predict))
    while let batch = try reader.nextBatch() {
      batch.dataset.copyRows(0..<batch.rowCount, into: destinations)
      try engine.predict(rows: batch.rowCount)
      predictions.take(engine, rows: batch.rowCount)
      try body(batch, predictions)
    }
  }

  /// As the output is named, or else as the input is written.
  private func delimiter(for path: String) -> UInt8 {
    if path.hasSuffix(".csv") { return UInt8(ascii: ",") }
    if path.hasSuffix(".tsv") { return UInt8(ascii: "\t") }
    let format = plan.schema.format
    // What others read has one character between fields.
    return format.delimiterRest.isEmpty ? format.delimiter : UInt8(ascii: ",")
  }
}

/// The predictions of one run of the predict program, task by task.
struct PredictionBuffer {
  private let widths: [Int]
  private var values: [[Float]]

  init(_ tasks: [TaskRecord], capacity: Int) {
    widths = tasks.map(\.width)
    values = widths.map { [Float](repeating: 0, count: capacity * $0) }
  }

  mutating func take(_ engine: StaticEngine, rows: Int) {
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
