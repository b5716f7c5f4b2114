import Schema

extension RowEncoder {
  /// What was learned; valid after `finish`.
  var schema: DataSchema {
    let fitted = zip(declared.features, features).map { declaration, encoder in
      FeatureSchema(
        name: declaration.name, column: declaration.column, encoder: Self.encoder(encoder))
    }
    return DataSchema(
      format: declared.format, features: fitted, labels: declared.labels,
      sampleWeightColumn: declared.sampleWeightColumn, groupColumn: declared.groupColumn)
  }

  private static func encoder(_ encoder: ColumnEncoder) -> FeatureSchema.Encoder {
    switch encoder {
    case let ids as IdEncoder: return .id(ids.coder.encoding)
    case let sequence as SequenceEncoder:
      return .sequence(sequence.coder.encoding, sequence.layout)
    case let numbers as NumberEncoder:
      switch numbers.target {
      case .normalized(let normalizer): return .numeric(normalizer)
      case .buckets(let boundaries): return .bucketized(boundaries: boundaries)
      case .fitNormalizer, .fitQuantiles: preconditionFailure("the fit is not finished")
      }
    default: preconditionFailure("not an encoder of features")
    }
  }

  func statistics(rows: Int, bytes: Int) -> DataStatistics {
    let schema = self.schema
    return DataStatistics(
      rows: rows, bytes: bytes,
      features: zip(schema.features, features).map { feature, encoder in
        switch encoder {
        case let ids as IdEncoder: FeatureStatistics(feature, ids: ids.coder)
        case let sequence as SequenceEncoder: FeatureStatistics(feature, sequence: sequence)
        case let numbers as NumberEncoder:
          FeatureStatistics(feature, numbers: numbers.statistics)
        default: preconditionFailure("not an encoder of features")
        }
      },
      labels: labels.map {
        LabelStatistics($0.label, numbers: $0.statistics, positives: $0.positives)
      })
  }
}
