import Runtime
import Schema

/// Counts rows whose predictions are not finite, for a warning.
struct BrokenPredictions {
  private var count = 0
  /// The first of them, counted from 0.
  private var first = 0
  /// The largest number that it has.
  private var extreme: ExtremeNumber?

  init() {}

  /// Looks at a batch that was predicted.
  init(_ predictions: PredictionBuffer, rows: Int, _ schema: DataSchema) {
    let broken = predictions.nonFiniteRows(rows)
    guard let row = broken.first else { return }
    (count, first) = (broken.count, row)
    extreme = predictions.extreme(row: row, schema)
  }

  /// Counts those of the next batch, before which there were so many rows.
  mutating func append(_ next: BrokenPredictions, after rows: Int) {
    if count == 0 { (first, extreme) = (rows + next.first, next.extreme) }
    count += next.count
  }

  /// The warning, of so many rows; nil when all are finite.
  func text(of rows: Int) -> String? {
    guard count > 0 else { return nil }
    let cause = extreme.map { "; the largest number that it has is \($0)" } ?? ""
    return "\(Format.count(count)) of \(Format.count(rows)) rows have predictions that are not"
      + " finite numbers, first row \(Format.count(first + 1))\(cause)"
  }
}
