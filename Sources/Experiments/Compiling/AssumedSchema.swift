import Schema

extension DataDeclaration {
  /// The schema where no training data is needed to know its sizes: numbers (taken as they are),
  /// listed or hashed ids, given boundaries. nil when a feature must be fitted. Good enough to time
  /// a model whose feeds are made up.
  func assumedSchema() -> DataSchema? {
    var fitted: [FeatureSchema] = []
    for feature in features {
      guard let encoder = Self.encoder(feature.kind) else { return nil }
      fitted.append(FeatureSchema(name: feature.name, column: feature.column, encoder: encoder))
    }
    return with(fitted)
  }

  private static func encoder(_ kind: FeatureDeclaration.Kind) -> FeatureSchema.Encoder? {
    switch kind {
    case .numeric: .numeric(Normalizer())
    case .id(let source): encoding(source).map { .id($0) }
    case .sequence(let source, let layout): encoding(source).map { .sequence($0, layout) }
    case .bucketized(.boundaries(let boundaries)): .bucketized(boundaries: boundaries)
    case .bucketized(.quantiles(let count)):
      .bucketized(boundaries: (0..<max(1, count - 1)).map(Double.init))
    }
  }

  private static func encoding(_ source: IdSource) -> IdEncoding? {
    switch source {
    case .trainingData: nil
    case .list(let tokens): .vocabulary(tokens)
    case .hash(let buckets): .hash(buckets: buckets)
    case .identity(let count): .identity(count: count)
    }
  }
}
