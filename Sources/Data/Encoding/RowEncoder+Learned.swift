import Schema

extension RowEncoder {
  /// What was learned; valid after `finish`.
  var schema: DataSchema {
    DataSchema(
      format: columns.format,
      features: zip(columns.features, features).map { feature, encoder in
        FeatureSchema(
          name: feature.name, column: feature.column, encoder: encoder.schema, cells: feature.cells)
      }, labels: columns.labels, sampleWeightColumn: columns.sampleWeightColumn,
      groupColumn: columns.groupColumn, validationColumn: columns.validationColumn,
      joins: columns.joins)
  }

  func statistics(rows: Int, bytes: Int) -> DataStatistics {
    DataStatistics(
      rows: rows, bytes: bytes,
      features: zip(schema.features, features).map { $1.statistics($0) },
      labels: zip(labels, spaces).map { LabelStatistics($0, $1) },
      joins: sideTables?.map(\.statistics)
        ?? columns.joins.map { .init(file: $0.file, column: $0.column, rows: 0, unmatched: 0) })
  }
}
