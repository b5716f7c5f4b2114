import Data
import Plan
import Runtime
import Schema

extension Predictor {
  /// Predictions for rows in memory, each the text of its columns by their names:
  ///
  ///     try predictor.predict([["age": "39", "workclass": "Private"]])["income"]
  ///
  /// A column that a row lacks, or that holds a text of `data.missing`, is a missing value, as an empty
  /// field of a file: an unknown id, the mean of a number that is scaled. Columns that the plan does
  /// not read are ignored. A text that cannot be read, such as a number with letters in it, is an
  /// error that names the row.
  ///
  /// - Returns: By column of `columns` a value for each row: of a binary task the probability, of a
  ///   regression the value, of a class its probability.
  public func predict(_ rows: [[String: String]]) throws(ExperimentError) -> [String: [Float]] {
    try ExperimentError.wrap {
      let columns = columns
      var results = columns.map { _ in [Float]() }
      if !rows.isEmpty {
        let reader = try PredictionReader(
          rows: rows, schema: plan.schema, batchRows: engine.capacity(.predict))
        try PredictionLanes(reader, engine.session, threads: threads).run { batch, lane in
          try lane.predictions.predict(batch)
          var found = columns.map { _ in [Float]() }
          for row in 0..<batch.rowCount {
            var column = 0
            lane.predictions.forEach(row: row) { value in
              found[column].append(value)
              column += 1
            }
          }
          return found
        } commit: { found in
          for column in results.indices { results[column] += found[column] }
        }
      }
      return Dictionary(zip(columns, results)) { first, _ in first }
    }
  }
}
