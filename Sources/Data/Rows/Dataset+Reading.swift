import Schema

/// A declaration's fitted schema with the rows it was fitted to.
package struct FittedData: Sendable {
  package var schema: DataSchema
  package var dataset: Dataset
  package var statistics: DataStatistics
}

extension DataDeclaration {
  /// Learns vocabularies, normalisers and bucket boundaries from the files, and encodes their
  /// rows, in one reading.
  ///
  /// The rows come out exactly as `Dataset.read` gives them with the fitted schema. Throws
  /// `DataError`, also when there is no row.
  package func fit(_ files: [String], options: ReadOptions = ReadOptions()) throws -> FittedData {
    let encoder = try RowEncoder(fitting: self)
    let (dataset, statistics) = try readRows(files, encoder, options)
    guard dataset.rowCount > 0 else {
      throw DataError("there is no row to learn from", at: files.first.map { .init(file: $0) })
    }
    return FittedData(schema: encoder.schema, dataset: dataset, statistics: statistics)
  }
}

extension Dataset {
  /// Reads and encodes files (`-`: standard input), one after another, as a fitted schema says.
  ///
  /// Without `requireLabels` the columns of labels, of the sample weight and of the group are not looked
  /// at, and may be absent; label masks are then 0 and weights 1. Throws `DataError`.
  package static func read(
    _ files: [String], schema: DataSchema, requireLabels: Bool = true,
    options: ReadOptions = ReadOptions()
  ) throws -> (dataset: Dataset, statistics: DataStatistics) {
    let encoder = RowEncoder(schema, requireLabels: requireLabels)
    return try readRows(files, encoder, options)
  }
}

private func readRows(
  _ files: [String], _ encoder: RowEncoder, _ options: ReadOptions
) throws -> (dataset: Dataset, statistics: DataStatistics) {
  let lanes = try RowLanes(encoder, options)
  for file in TableParts.filled(files) where !lanes.isFull { try lanes.read(file) }
  return try lanes.finish()
}
