import Schema

extension IdSource {
  /// The encoding of a source that needs no data to be known. Learned ones start empty.
  var encoding: IdEncoding {
    switch self {
    case .trainingData: .vocabulary([])
    case .list(let tokens): .vocabulary(tokens)
    case .hash(let buckets): .hash(buckets: buckets)
    case .identity(let count): .identity(count: count)
    }
  }
}

extension IdCoder {
  /// A coder that needs no fitting.
  static func fixed(_ encoding: IdEncoding, _ missing: [String]) -> IdCoder {
    switch encoding {
    case .vocabulary(let tokens):
      IdCoder(.vocabulary(TokenVocabulary(tokens: tokens, missing: missing)), missing: missing)
    case .hash(let buckets): IdCoder(.hash(buckets: UInt64(max(1, buckets))), missing: missing)
    case .identity(let count): IdCoder(.identity(count: count), missing: missing)
    }
  }
}

extension DataDeclaration {
  /// The schema as far as it is known before the data is: learned vocabularies are empty, numbers taken
  /// as they are, quantiles made up. Good enough to time a model whose feeds are made up, where no
  /// vocabulary is learned.
  package var assumedSchema: DataSchema {
    with(
      features.map { feature in
        let encoder: FeatureSchema.Encoder =
          switch feature.kind {
          case .id(let source): .id(source.encoding)
          case .numeric: .numeric(Normalizer())
          case .piecewise(let bins, _):
            .numeric(
              Normalizer(
                curve: NumberCurve(
                  inputs: (0...bins).map(Double.init), outputs: (0...bins).map(Double.init),
                  isClamped: false)))
          case .bucketized(.boundaries(let boundaries)): .bucketized(boundaries: boundaries)
          case .bucketized(.quantiles(let count)):
            .bucketized(boundaries: (0..<max(1, count - 1)).map(Double.init))
          case .sequence(let source, let layout): .sequence(source.encoding, layout)
          case .cross(let columns, let buckets): .cross(columns, buckets: buckets)
          case .vector(let layout): .vector(layout)
          }
        return FeatureSchema(
          name: feature.name, column: feature.column, encoder: encoder, cells: feature.cells)
      })
  }

  /// Whether some vocabulary is learned from the data.
  package var learnsVocabularies: Bool {
    features.contains { feature in
      switch feature.kind {
      case .id(.trainingData), .sequence(.trainingData, _): true
      case .id, .sequence, .numeric, .piecewise, .bucketized, .cross, .vector: false
      }
    }
  }

  /// The feeds that rows of this declaration fill: they depend on the kinds of features alone.
  package var feeds: FeedLayout { assumedSchema.feeds }

  /// Throws `DataError` for a declaration that no data can satisfy.
  func check() throws {
    var names: Set<String> = []
    var sharedSources: [String: IdSource] = [:]
    for feature in features {
      let title = "feature \"\(feature.name)\""
      guard names.insert(feature.name).inserted else {
        throw DataError("two features are named \"\(feature.name)\"")
      }
      switch feature.kind {
      case .numeric: break
      case .piecewise(let bins, _):
        guard (1...1_000_000).contains(bins) else {
          throw DataError("\(title) asks for \(bins) bins; 1 to 1000000 can be had")
        }
      case .id(let source): try source.check(title)
      case .bucketized(.boundaries(let boundaries)):
        guard boundaries.allSatisfy(\.isFinite),
          zip(boundaries, boundaries.dropFirst()).allSatisfy(<)
        else { throw DataError("the boundaries of \(title) must be finite and rise strictly") }
      case .bucketized(.quantiles(let count)):
        guard (1...1_000_000).contains(count) else {
          throw DataError("\(title) asks for \(count) buckets; 1 to 1000000 can be had")
        }
      case .sequence(let source, let layout):
        try source.check(title)
        guard layout.maxLength > 0, layout.maxLength <= Int(Int32.max) else {
          throw DataError("the max_length of \(title) is \(layout.maxLength); it must be positive")
        }
        guard
          !layout.weighted || layout.weightsColumn != nil || layout.separator != UInt8(ascii: ":")
        else {
          throw DataError("\(title) has weights after \":\", so \":\" cannot separate its items")
        }
      case .cross(let columns, let buckets):
        try IdSource.hash(buckets: buckets).check(title)
        guard columns.count > 1 else { throw DataError("\(title) crosses fewer than two columns") }
      case .vector(let layout):
        guard layout.dim > 0, layout.dim <= Int(Int32.max) else {
          throw DataError("the dim of \(title) is \(layout.dim); it must be positive")
        }
      }
      if let vocabulary = feature.vocabulary, let source = feature.kind.idSource {
        if let other = sharedSources[vocabulary], other != source {
          throw DataError(
            "\(title) shares the vocabulary \"\(vocabulary)\" but builds it in another way",
            hint: "give the features that share an embedding the same source of ids")
        }
        sharedSources[vocabulary] = source
      }
    }
  }
}

extension FeatureDeclaration.Kind {
  var idSource: IdSource? {
    switch self {
    case .id(let source), .sequence(let source, _): source
    case .numeric, .piecewise, .bucketized, .cross, .vector: nil
    }
  }
}

extension IdSource {
  fileprivate func check(_ title: String) throws {
    let most = Int(Int32.max) - 1
    switch self {
    case .trainingData: return
    case .list(let tokens):
      var seen: Set<[UInt8]> = []
      for token in tokens where !seen.insert(Array(token.utf8)).inserted {
        throw DataError("the vocab_list of \(title) holds \"\(token)\" twice")
      }
    case .hash(let count):
      guard (1...most).contains(count) else {
        throw DataError("\(title) asks for \(count) hash buckets; 1 to \(most) can be had")
      }
    case .identity(let count):
      guard (1...most).contains(count) else {
        throw DataError("\(title) asks for \(count) ids; 1 to \(most) can be had")
      }
    }
  }
}
