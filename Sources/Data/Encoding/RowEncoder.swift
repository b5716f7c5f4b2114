import Schema

/// All column encoders of a schema, or of a declaration that is being fitted.
final class RowEncoder {
  private let declared: DataDeclaration
  let layout: FeedLayout
  private let features: [ColumnEncoder]
  private let labels: [LabelEncoder]
  private let weight: WeightEncoder?
  private let group: GroupEncoder?
  private var all: [ColumnEncoder] {
    features + labels + (weight.map { [$0] } ?? []) + (group.map { [$0] } ?? [])
  }
  /// Bytes a row takes beside the feeds until `finish`.
  let extraRowBytes: Int

  /// Encodes as a fitted schema says.
  convenience init(_ schema: DataSchema, requireLabels: Bool) {
    var sources: [FeatureSource] = []
    for feature in schema.features {
      switch feature.encoder {
      case .id(let encoding): sources.append(.id(.fixed(encoding, schema.format.missing)))
      case .sequence(let encoding, let layout):
        sources.append(.sequence(.fixed(encoding, schema.format.missing), layout))
      case .numeric(let normalizer): sources.append(.number(.normalized(normalizer)))
      case .bucketized(let boundaries): sources.append(.number(.buckets(boundaries)))
      }
    }
    // Only the names and columns of the declaration are of use here.
    let declared = DataDeclaration(
      format: schema.format,
      features: schema.features.map {
        FeatureDeclaration(name: $0.name, column: $0.column, kind: .numeric(.none))
      },
      labels: schema.labels, sampleWeightColumn: schema.sampleWeightColumn,
      groupColumn: schema.groupColumn)
    self.init(declared, sources, layout: schema.feeds, requireLabels: requireLabels)
  }

  /// Learns what a declaration leaves open. Throws `DataError` when it asks for the impossible.
  convenience init(fitting declaration: DataDeclaration) throws {
    try declaration.check()
    let missing = declaration.format.missing
    var shared: [String: TokenVocabulary] = [:]
    var sources: [FeatureSource] = []
    for feature in declaration.features {
      func coder(_ source: IdSource) -> IdCoder {
        guard case .trainingData(let minFrequency) = source else {
          return .fixed(source.encoding, missing)
        }
        let name = feature.vocabulary
        let vocabulary =
          name.flatMap { shared[$0] }
          ?? TokenVocabulary(minFrequency: minFrequency, missing: missing)
        if let name { shared[name] = vocabulary }
        return IdCoder(.vocabulary(vocabulary), missing: missing)
      }
      switch feature.kind {
      case .id(let source): sources.append(.id(coder(source)))
      case .sequence(let source, let layout): sources.append(.sequence(coder(source), layout))
      case .numeric(let kind): sources.append(.number(.fitNormalizer(kind)))
      case .bucketized(.boundaries(let boundaries)):
        sources.append(.number(.buckets(boundaries)))
      case .bucketized(.quantiles(let count)): sources.append(.number(.fitQuantiles(count)))
      }
    }
    self.init(declaration, sources, layout: declaration.feeds, requireLabels: true)
  }

  /// How a feature's cells are encoded.
  private enum FeatureSource {
    case id(IdCoder)
    case sequence(IdCoder, SequenceLayout)
    case number(NumberEncoder.Target)
  }

  private init(
    _ declared: DataDeclaration, _ sources: [FeatureSource], layout: FeedLayout,
    requireLabels: Bool
  ) {
    self.declared = declared
    self.layout = layout
    let missing = declared.format.missing
    func feed(_ name: String) -> Int { layout.feeds.firstIndex { $0.name == name } ?? 0 }
    func column(_ name: String, _ offset: Int) -> FeedColumn {
      let index = feed(name)
      return FeedColumn(feed: index, width: layout.feeds[index].width, offset: offset)
    }
    var extra = 0
    var encoders: [ColumnEncoder] = []
    for (k, source) in sources.enumerated() {
      let name = declared.features[k].column
      let purpose = "feature \"\(declared.features[k].name)\""
      switch (source, layout.slots[k]) {
      case (.id(let coder), .id(let offset)):
        encoders.append(
          IdEncoder(
            column: name, purpose: purpose, missing: missing, coder: coder,
            output: column(FeedLayout.ids, offset)))
      case (.number(let target), .numeric(let offset)):
        if target.needsAllValues { extra += NumberEncoder.fittingRowBytes }
        encoders.append(
          NumberEncoder(
            column: name, purpose: purpose, missing: missing, target: target,
            output: column(FeedLayout.numeric, offset)))
      case (.number(let target), .id(let offset)):
        if target.needsAllValues { extra += NumberEncoder.fittingRowBytes }
        encoders.append(
          NumberEncoder(
            column: name, purpose: purpose, missing: missing, target: target,
            output: column(FeedLayout.ids, offset)))
      case (.sequence(let coder, let sequence), .sequence):
        let feature = declared.features[k].name
        encoders.append(
          SequenceEncoder(
            column: name, purpose: purpose, missing: missing, coder: coder, layout: sequence,
            idFeed: feed(FeedLayout.sequenceIds(feature)),
            weightFeed: sequence.weighted ? feed(FeedLayout.sequenceWeights(feature)) : nil))
      default: preconditionFailure("the layout puts \(purpose) where it cannot be")
      }
    }
    features = encoders
    extraRowBytes = extra
    labels = declared.labels.enumerated().map { k, label in
      LabelEncoder(
        label, isOptional: !requireLabels, missing: missing,
        output: column(FeedLayout.labels, k), mask: column(FeedLayout.labelMask, k))
    }
    weight = declared.sampleWeightColumn.map {
      WeightEncoder(
        column: $0, isOptional: !requireLabels, missing: missing,
        output: column(FeedLayout.sampleWeight, 0))
    }
    group = declared.groupColumn.map {
      GroupEncoder(
        column: $0, isOptional: !requireLabels, missing: missing,
        output: column(FeedLayout.group, 0))
    }
  }
}

// MARK: - Reading

extension RowEncoder {
  /// The columns that a file may lack.
  var optionalColumns: Set<String> {
    Set(all.filter(\.isOptional).map(\.column)).subtracting(features.map(\.column))
  }

  var format: TableFormat { declared.format }
  var featureEncoders: [ColumnEncoder] { features }

  func bind(to reader: TableReader) throws {
    for encoder in all { try encoder.bind(to: reader) }
  }

  /// Whether the present file has the column of each label.
  var labelsPresent: [Bool] { labels.map { $0.index >= 0 } }

  /// Encodes records of the reader's block into rows from `target` on.
  func encode(
    _ reader: TableReader, rows: Range<Int>, into storage: FeedStorage, at target: Int
  ) throws {
    for encoder in features { try encoder.encode(reader, rows: rows, into: storage, at: target) }
    for encoder in labels { try encoder.encode(reader, rows: rows, into: storage, at: target) }
    try weight?.encode(reader, rows: rows, into: storage, at: target)
    try group?.encode(reader, rows: rows, into: storage, at: target)
  }

  /// Completes the fit and the encoding of the rows read meanwhile.
  func finish(rowCount: Int, output: FeedStorage) throws {
    for encoder in features { try encoder.fit(rowCount: rowCount) }
    // Some rows at a time, all columns of them, so that each line of memory is fetched once.
    for start in stride(from: 0, to: rowCount, by: 256) {
      for encoder in features {
        encoder.settle(rows: start..<min(start + 256, rowCount), output: output)
      }
    }
    for encoder in features { try encoder.finish() }
  }

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
        case let sequence as SequenceEncoder: FeatureStatistics(feature, ids: sequence.coder)
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
