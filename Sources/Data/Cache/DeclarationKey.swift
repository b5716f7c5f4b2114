import Schema

// A declaration is only written, as part of the key of a cache file.
extension ByteWriter {
  mutating func put(_ declaration: DataDeclaration) {
    put(declaration.format)
    varint(UInt64(declaration.features.count))
    for feature in declaration.features { put(feature) }
    put(declaration.labels)
    put(declaration.sampleWeightColumn)
    put(declaration.groupColumn)
    put(declaration.validationColumn)
    put(declaration.joins)
  }

  private mutating func put(_ feature: FeatureDeclaration) {
    put(feature.name)
    put(feature.column)
    put(feature.vocabulary)
    put(feature.cells)
    switch feature.kind {
    case .id(let source):
      byte(0)
      put(source)
    case .numeric(let kind):
      byte(1)
      put(kind.rawValue)
    case .bucketized(.boundaries(let boundaries)):
      byte(2)
      put(boundaries)
    case .bucketized(.quantiles(let count)):
      byte(3)
      put(count)
    case .sequence(let source, let layout):
      byte(4)
      put(source)
      put(layout)
    case .cross(let columns, let buckets):
      byte(5)
      put(columns)
      put(buckets)
    case .vector(let layout):
      byte(6)
      put(layout)
    case .piecewise(let bins, let pointMasses):
      byte(pointMasses ? 8 : 7)
      put(bins)
    }
  }

  private mutating func put(_ source: IdSource) {
    switch source {
    case .trainingData(let minFrequency):
      byte(0)
      put(minFrequency)
    case .list(let tokens):
      byte(1)
      put(tokens)
    case .hash(let buckets):
      byte(2)
      put(buckets)
    case .identity(let count):
      byte(3)
      put(count)
    }
  }
}
