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
      var broken = BrokenPredictions()
      let delimiter = delimiter(for: path)
      try PredictionLanes(reader, engine.session, threads: threads).run { batch, lane in
        try lane.predictions.predict(batch)
        var text = CSVText(delimiter: delimiter)
        for row in 0..<batch.rowCount {
          for column in kept.indices {
            batch.withKept(row: row, column: column) { text.field($0) }
          }
          lane.predictions.forEach(row: row) { text.field($0) }
          text.endRow()
        }
        let found = BrokenPredictions(lane.predictions, rows: batch.rowCount, plan.schema)
        return (rows: batch.rowCount, bytes: batch.bytesRead, text: text, broken: found)
      } commit: { result in
        try writer.write(result.text)
        broken.append(result.broken, after: count)
        count += result.rows
        meter.callback(result.bytes)
      }
      try writer.finish()
      meter.callback(reader.bytesRead)
      meter.finish(rows: count)
      reader.warn(observer)
      if let text = broken.text(of: count) { observer.receive(.warning(text)) }
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
