import Schema

// A declaration is written only, as part of what a cache file was made from.
extension ArchiveWriter {
  mutating func put(_ declaration: DataDeclaration) {
    put(declaration.format)
    put(declaration.features) { $0.put($1) }
    put(declaration.labels) { $0.put($1) }
    put(declaration.sampleWeightColumn) { $0.put($1) }
    put(declaration.groupColumn) { $0.put($1) }
  }

  private mutating func put(_ feature: FeatureDeclaration) {
    put(feature.name)
    put(feature.column)
    put(feature.vocabulary) { $0.put($1) }
    switch feature.kind {
    case .id(let source):
      put(UInt8(0))
      put(source)
    case .numeric(let kind):
      put(UInt8(1))
      put(kind.rawValue)
    case .bucketized(.boundaries(let boundaries)):
      put(UInt8(2))
      put(boundaries) { $0.put($1) }
    case .bucketized(.quantiles(let count)):
      put(UInt8(3))
      put(count)
    case .sequence(let source, let layout):
      put(UInt8(4))
      put(source)
      put(layout)
    }
  }

  private mutating func put(_ source: IdSource) {
    switch source {
    case .trainingData(let minFrequency):
      put(UInt8(0))
      put(minFrequency)
    case .list(let tokens):
      put(UInt8(1))
      put(tokens)
    case .hash(let buckets):
      put(UInt8(2))
      put(buckets)
    case .identity(let count):
      put(UInt8(3))
      put(count)
    }
  }
}
