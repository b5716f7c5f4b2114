import CKernels
import Schema
import Synchronization

/// Records of a block that are encoded into rows from `target` on.
struct RowPiece {
  var block: TextBlock
  var rows: Range<Int>
  var target: Int
}

/// All column encoders of a schema, or of a declaration that is being fitted.
final class RowEncoder {
  /// Rows that are encoded at a time where no kernel does several columns.
  static let tileRows = 256
  let declared: DataDeclaration
  let layout: FeedLayout
  let features: [ColumnEncoder]
  let labels: [LabelEncoder]
  private let weight: WeightEncoder?
  private let group: GroupEncoder?
  /// Features first, then labels.
  private(set) var all: [ColumnEncoder] = []
  /// Encoders that can work at the same time: those that learn one vocabulary are in one group.
  private(set) var groups: [[ColumnEncoder]] = []
  private let sources: [FeatureSource]
  private let requiresLabels: Bool
  /// All encoders, those of neighbouring columns one after another.
  private var inOrder: [ColumnEncoder] = []
  /// Those that learn, in an order that twins share.
  let vocabularies: [TokenVocabulary]
  private var shares = ColumnShares(groups: 0, threads: 1)
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

  /// Encodes the same columns on another thread: what it learns is absorbed in the end.
  func twin() -> RowEncoder {
    var vocabularies: [ObjectIdentifier: TokenVocabulary] = [:]
    let sources = sources.map { source -> FeatureSource in
      switch source {
      case .id(let coder): .id(coder.twin(&vocabularies))
      case .sequence(let coder, let layout): .sequence(coder.twin(&vocabularies), layout)
      case .number: source
      }
    }
    return RowEncoder(declared, sources, layout: layout, requireLabels: requiresLabels, twin: self)
  }

  private init(
    _ declared: DataDeclaration, _ sources: [FeatureSource], layout: FeedLayout,
    requireLabels: Bool, twin: RowEncoder? = nil
  ) {
    self.declared = declared
    self.layout = layout
    self.sources = sources
    requiresLabels = requireLabels
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
            output: column(FeedLayout.numeric, offset),
            twin: twin?.features[k] as? NumberEncoder))
      case (.number(let target), .id(let offset)):
        if target.needsAllValues { extra += NumberEncoder.fittingRowBytes }
        encoders.append(
          NumberEncoder(
            column: name, purpose: purpose, missing: missing, target: target,
            output: column(FeedLayout.ids, offset), twin: twin?.features[k] as? NumberEncoder))
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
    var seen: Set<ObjectIdentifier> = []
    vocabularies = encoders.compactMap(\.learningVocabulary).filter {
      seen.insert(ObjectIdentifier($0)).inserted
    }
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
    all = features + labels + (weight.map { [$0] } ?? []) + (group.map { [$0] } ?? [])
    groups = Self.groups(all)
  }

  private static func groups(_ encoders: [ColumnEncoder]) -> [[ColumnEncoder]] {
    var groups: [[ColumnEncoder]] = []
    var places: [ObjectIdentifier: Int] = [:]
    for encoder in encoders {
      if let vocabulary = encoder.learningVocabulary.map(ObjectIdentifier.init) {
        if let place = places[vocabulary] {
          groups[place].append(encoder)
          continue
        }
        places[vocabulary] = groups.count
      }
      groups.append([encoder])
    }
    return groups
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
  var allEncoders: [ColumnEncoder] { all }

  func bind(to reader: TableReader) throws {
    for encoder in all { try encoder.bind(to: reader) }
    orderGroups()
  }

  /// Binds to the file to which a twin is bound.
  func bind(like twin: RowEncoder) {
    for (encoder, other) in zip(all, twin.all) { encoder.bind(like: other) }
    orderGroups()
  }

  private func orderGroups() {
    // Neighbours in the file are encoded together: their text shares lines of memory.
    let places = groups.map { $0.map(\.index).min() ?? 0 }
    groups = groups.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { groups[$0] }
    inOrder = groups.flatMap { $0 }
  }

  /// Whether the present file has the column of each label.
  var labelsPresent: [Bool] { labels.map { $0.index >= 0 } }

  /// Encodes records of one file.
  ///
  /// - Parameters:
  ///   - pieces: in the order of the file, into rows one behind the other.
  ///   - threads: how many columns are encoded at a time. The result is always the same.
  ///   - beside: runs again and again, until it returns false; now on one thread, now on another.
  /// - Throws: the first `DataError` in the order of the file.
  func encode(
    _ pieces: [RowPiece], into storage: FeedStorage, threads: Int = 1, beside: (() -> Bool)? = nil
  ) throws {
    let errors = ErrorLog()
    try reserve(storage)
    if shares.threads != threads || shares.groups != groups.count {
      shares = ColumnShares(groups: groups.count, threads: threads)
    }
    shares.run(beside: beside, pieces: pieces.count) { number, share in
      // Neighbouring columns together: their cells share lines of memory.
      Self.encode(
        pieces[number], with: groups[share].flatMap { $0 }, into: storage, fetches: threads > 1,
        errors)
    }
    if let error = errors.first { throw error }
    if let last = pieces.last {
      try Self.rest([self], rows: last.target + last.rows.count, storage)
    }
  }

  /// Makes room beside the feeds for as many rows as they have room for.
  func reserve(_ storage: FeedStorage) throws {
    for encoder in features { try encoder.reserve(storage) }
  }

  /// Encodes records on one thread among others, which encode with twins. Errors are noted.
  func encodeBeside(_ pieces: [RowPiece], into storage: FeedStorage, _ errors: ErrorLog) {
    for piece in pieces {
      Self.encode(piece, with: inOrder, into: storage, fetches: false, errors)
    }
  }

  private static func encode(
    _ piece: RowPiece, with encoders: [ColumnEncoder], into storage: FeedStorage, fetches: Bool,
    _ errors: ErrorLog
  ) {
    let (block, rows, target) = (piece.block, piece.rows, piece.target)
    var columns: [mtlc_text_column] = []
    var others: [ColumnEncoder] = []
    var inKernel: [ColumnEncoder] = []
    func attempt(_ work: () throws -> Void) {
      do { try work() } catch { errors.add(error) }
    }
    for encoder in encoders {
      attempt {
        let column = try encoder.kernelColumn(block, rows: rows, into: storage, at: target)
        if let column {
          columns.append(column)
          inKernel.append(encoder)
        } else {
          others.append(encoder)
        }
      }
    }
    mtlc_text_columns(
      &columns, Int64(columns.count), Int64(rows.lowerBound), Int64(rows.upperBound),
      fetches ? 1 : 0)
    for (column, encoder) in zip(columns, inKernel) {
      attempt {
        try encoder.complete(block, rows: rows, from: Int(column.row), into: storage, at: target)
      }
    }
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: tileRows) {
      let tile = start..<min(start + tileRows, rows.upperBound)
      for encoder in others {
        attempt {
          try encoder.encode(
            block, rows: tile, into: storage, at: target + start - rows.lowerBound)
        }
      }
    }
  }

  /// The feed of ids, if all of them may turn out to be bytes.
  var byteFeed: Int? {
    guard let feed = layout.feeds.firstIndex(where: { $0.name == FeedLayout.ids }),
      features.allSatisfy({ $0.largestId <= 255 })
    else { return nil }
    return feed
  }

  /// The records of a block that no encoder refuses, as runs; the others are noted in the log.
  func goodRows(_ block: TextBlock, _ damage: DamageLog) throws -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for row in 0..<block.records.rowCount {
      do {
        for encoder in all { try encoder.verify(block, row) }
      } catch let error as DataError {
        try damage.skip(error)
        if start < row { runs.append(start..<row) }
        start = row + 1
      }
    }
    if start < block.records.rowCount { runs.append(start..<block.records.rowCount) }
    return runs
  }
}
