import Schema

/// The columns that a row is made of, with how the cells of each feature are encoded.
struct RowColumns {
  struct Feature {
    var name: String
    var column: String
    /// Texts without a value, those of the table and of the feature.
    var missing: [String]
    var cells: CellReading
    var coding: Coding
  }

  /// How a feature's cells are encoded.
  enum Coding {
    case id(IdCoder)
    case sequence(IdCoder, SequenceLayout)
    case number(NumberEncoder.Target, KeptNumbers)
    case cross([String], buckets: Int)
    case vector(VectorLayout)

    static func number(_ target: NumberEncoder.Target) -> Coding {
      .number(target, KeptNumbers(target))
    }
  }

  var format: TableFormat
  var features: [Feature]
  var labels: [LabelSchema]
  var sampleWeightColumn: String?
  var groupColumn: String?
  var validationColumn: ValidationColumn?
  var joins: [TableJoin]

  /// The columns of a fitted schema.
  init(_ schema: DataSchema) {
    format = schema.format
    features = schema.features.map { feature in
      let missing = schema.format.missing + feature.cells.missing
      let coding: Coding =
        switch feature.encoder {
        case .id(let encoding): .id(.fixed(encoding, missing))
        case .sequence(let encoding, let layout): .sequence(.fixed(encoding, missing), layout)
        case .numeric(let normalizer): .number(.normalized(normalizer))
        case .bucketized(let boundaries): .number(.buckets(boundaries))
        case .cross(let columns, let buckets): .cross(columns, buckets: buckets)
        case .vector(let layout): .vector(layout)
        }
      return Feature(
        name: feature.name, column: feature.column, missing: missing, cells: feature.cells,
        coding: coding)
    }
    labels = schema.labels
    sampleWeightColumn = schema.sampleWeightColumn
    groupColumn = schema.groupColumn
    validationColumn = schema.validationColumn
    joins = schema.joins
  }

  /// The columns of a declaration that is being fitted.
  init(_ declaration: DataDeclaration) {
    var shared: [String: TokenVocabulary] = [:]
    func coder(_ source: IdSource, _ name: String?, _ missing: [String]) -> IdCoder {
      guard case .trainingData(let minFrequency) = source else {
        return .fixed(source.encoding, missing)
      }
      let vocabulary =
        name.flatMap { shared[$0] }
        ?? TokenVocabulary(minFrequency: minFrequency, missing: missing)
      if let name { shared[name] = vocabulary }
      return IdCoder(.vocabulary(vocabulary), missing: missing)
    }
    format = declaration.format
    features = declaration.features.map { feature in
      let missing = declaration.format.missing + feature.cells.missing
      let coding: Coding =
        switch feature.kind {
        case .id(let source): .id(coder(source, feature.vocabulary, missing))
        case .sequence(let source, let layout):
          .sequence(coder(source, feature.vocabulary, missing), layout)
        case .numeric(let kind): .number(.fitNormalizer(kind))
        case .piecewise(let bins, let pointMasses):
          .number(.fitBins(bins, pointMasses: pointMasses))
        case .bucketized(.boundaries(let boundaries)): .number(.buckets(boundaries))
        case .bucketized(.quantiles(let count)): .number(.fitQuantiles(count))
        case .cross(let columns, let buckets): .cross(columns, buckets: buckets)
        case .vector(let layout): .vector(layout)
        }
      return Feature(
        name: feature.name, column: feature.column, missing: missing, cells: feature.cells,
        coding: coding)
    }
    labels = declaration.labels
    sampleWeightColumn = declaration.sampleWeightColumn
    groupColumn = declaration.groupColumn
    validationColumn = declaration.validationColumn
    joins = declaration.joins
  }

  /// The same columns for another thread, with vocabularies of its own.
  func replica() -> RowColumns {
    var vocabularies: [ObjectIdentifier: TokenVocabulary] = [:]
    var replica = self
    for k in features.indices {
      switch features[k].coding {
      case .id(let coder): replica.features[k].coding = .id(coder.replica(&vocabularies))
      case .sequence(let coder, let layout):
        replica.features[k].coding = .sequence(coder.replica(&vocabularies), layout)
      case .number, .cross, .vector: break
      }
    }
    return replica
  }
}
