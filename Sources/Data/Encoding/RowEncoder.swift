import CKernels
import Schema

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
  var columns: RowColumns
  let layout: FeedLayout
  let features: [FeatureEncoder]
  let labels: [LabelEncoder]
  /// The sample space of each label; nil for all rows.
  let spaces: [SpaceEncoder?]
  /// Features first, then labels, the sample weight, the group.
  let all: [any ColumnEncoder]
  /// The encoders that add up numbers, in an order that replicas share.
  let summing: [any SummingEncoder]
  /// Encoders that can work at the same time: those that learn one vocabulary are in one group.
  private var groups: [[any ColumnEncoder]]
  /// All encoders, those of neighbouring columns one after another.
  private var inOrder: [any ColumnEncoder] = []
  /// Those that learn, in an order that replicas share.
  let vocabularies: [TokenVocabulary]
  private let requiresLabels: Bool
  private let isFitting: Bool
  private var shares = ColumnShares(groups: 0, threads: 1)
  /// The tables that are joined to the rows, once they were read.
  var sideTables: [SideTable]?

  /// Encodes as a fitted schema says.
  convenience init(_ schema: DataSchema, requireLabels: Bool) {
    self.init(RowColumns(schema), layout: schema.feeds, requireLabels: requireLabels)
  }

  /// Learns what a declaration leaves open. Throws `DataError` when it asks for the impossible.
  convenience init(fitting declaration: DataDeclaration) throws {
    try declaration.check()
    self.init(
      RowColumns(declaration), layout: declaration.feeds, requireLabels: true, isFitting: true)
  }

  /// An encoder of the same columns for another thread: what it learns is absorbed in the end.
  func replica() -> RowEncoder {
    RowEncoder(
      columns.replica(), layout: layout, requireLabels: requiresLabels, isFitting: isFitting)
  }

  private init(
    _ columns: RowColumns, layout: FeedLayout, requireLabels: Bool, isFitting: Bool = false
  ) {
    self.columns = columns
    self.layout = layout
    self.isFitting = isFitting
    requiresLabels = requireLabels
    let missing = columns.format.missing
    func feed(_ name: String) -> Int { layout.feeds.firstIndex { $0.name == name } ?? 0 }
    func column(_ name: String, _ offset: Int) -> FeedColumn {
      let index = feed(name)
      return FeedColumn(feed: index, width: layout.feeds[index].width, offset: offset)
    }
    let marks = columns.format.numbers
    features = zip(columns.features, layout.slots).map { feature, slot in
      let (name, purpose) = (feature.column, "feature \"\(feature.name)\"")
      let missing = feature.missing
      switch feature.coding {
      case .id(let coder):
        return .id(
          IdEncoder(
            column: name, purpose: purpose, missing: missing, coder: coder,
            output: column(FeedLayout.ids, slot.column)))
      case .number(let target, let kept):
        return .number(
          NumberEncoder(
            column: name, purpose: purpose, missing: missing, reading: NumberReading(feature.cells),
            target: target, kept: kept,
            output: column(
              target.givesIds ? FeedLayout.ids : FeedLayout.numeric, slot.column)))
      case .sequence(let coder, let sequence):
        return .sequence(
          SequenceEncoder(
            column: name, purpose: purpose, missing: missing,
            reading: NumberReading(feature.cells.numbers), coder: coder, layout: sequence,
            idFeed: feed(FeedLayout.sequenceIds(feature.name)),
            weightFeed: sequence.weighted
              ? feed(FeedLayout.sequenceWeights(feature.name)) : nil))
      case .cross(let names, let buckets):
        return .cross(
          CrossEncoder(
            columns: names, purpose: purpose, missing: missing, buckets: buckets,
            output: column(FeedLayout.ids, slot.column)))
      case .vector(let layout):
        return .vector(
          VectorEncoder(
            column: name, purpose: purpose, missing: missing,
            reading: NumberReading(feature.cells.numbers), layout: layout,
            output: column(FeedLayout.numeric, slot.column)))
      }
    }
    labels = columns.labels.enumerated().map { k, label in
      LabelEncoder(
        label, isOptional: !requireLabels, missing: missing, marks: marks,
        output: column(FeedLayout.labels, k), mask: column(FeedLayout.labelMask, k))
    }
    let weight = columns.sampleWeightColumn.map {
      WeightEncoder(
        column: $0, isOptional: !requireLabels, missing: missing, marks: marks,
        output: column(FeedLayout.sampleWeight, 0))
    }
    let group = columns.groupColumn.map {
      GroupEncoder(
        column: $0, isOptional: !requireLabels, missing: missing,
        output: column(FeedLayout.group, 0))
    }
    let spaces = columns.labels.enumerated().map { k, label in
      label.space.map {
        SpaceEncoder(
          $0, task: label.task, isOptional: !requireLabels, missing: missing,
          output: column(FeedLayout.labelMask, k))
      }
    }
    self.spaces = spaces
    // A label's mask holds the weights of rows before it is encoded itself.
    var others: [[any ColumnEncoder]] = labels.enumerated().map { k, encoder in
      let mask = column(FeedLayout.labelMask, k)
      let (label, isOptional) = (encoder.label, !requireLabels)
      var together: [any ColumnEncoder] = []
      if label.weighsRows {
        together.append(
          WeightEncoder(
            column: label.weightColumn ?? label.column,
            purpose: "the weight of task \"\(label.task)\"",
            isOptional: isOptional || label.weightColumn == nil, missing: missing, marks: marks,
            output: mask))
      }
      if let space = spaces[k] { together.append(space) }
      return together + [encoder]
    }
    if let weight { others.append([weight]) }
    if let group { others.append([group]) }
    if let held = columns.validationColumn {
      let encoder = HeldBackEncoder(
        held, presence: !requireLabels ? .ignored : isFitting ? .needed : .ifThere,
        missing: missing, marks: marks, output: column(FeedLayout.heldBack, 0))
      others.append([encoder])
    }
    all = features.map(\.column) + others.flatMap { $0 }
    groups = Self.groups(features) + others
    summing =
      features.compactMap(\.summing) + labels
    var seen: Set<ObjectIdentifier> = []
    vocabularies = features.compactMap(\.learningVocabulary).filter {
      seen.insert(ObjectIdentifier($0)).inserted
    }
  }

  /// Bytes that a row takes beside the feeds until `finish`.
  var extraRowBytes: Int {
    columns.features.reduce(0) { sum, feature in
      guard case .number(let target, _) = feature.coding, target.needsAllValues else { return sum }
      return sum + NumberEncoder.fittingRowBytes
    }
  }

  private static func groups(_ features: [FeatureEncoder]) -> [[any ColumnEncoder]] {
    fittingGroups(features).map { $0.map(\.column) }
  }
}

// MARK: - Reading

extension RowEncoder {
  /// Opens a file of this encoder's format, and finds its columns in it. Throws `DataError`.
  ///
  /// - Parameters:
  ///   - keep: columns that are needed besides those that are encoded.
  ///   - memory: its bytes, where they are in memory.
  func open(
    _ path: String, keep: [String] = [], damage: DamageLog? = nil, memory: MemorySource? = nil
  ) throws -> TableReader {
    let ofFeatures = featureColumns
    let request = TableRequest(
      format: columns.format,
      columns: all.enumerated().flatMap { k, encoder in
        ([encoder.source] + encoder.furtherSources).enumerated().map { number, source in
          TableRequest.Column(
            name: source.name, purpose: source.purpose, isFeature: k < features.count,
            sequence: k < features.count && number == 0 ? features[k].sequence : nil)
        }
      },
      optional: Set(all.filter(\.source.isOptional).map(\.column))
        .subtracting(ofFeatures).subtracting(keep),
      keep: keep, damage: damage, memory: memory)
    let reader = try RowFormats.format(columns.format.layout).open(path, request)
    try joinSideTables(to: reader, for: request.columns.map(\.name) + keep)
    try bind(to: reader)
    return reader
  }

  /// Reads a table of this encoder's columns from a source. Throws `DataError`.
  func open(_ source: any ByteSource) throws -> TableReader {
    let reader = try TableReader(source, format: columns.format)
    try joinSideTables(to: reader, for: Array(featureColumns))
    try bind(to: reader)
    return reader
  }

  private func bind(to reader: TableReader) throws {
    for encoder in all {
      try encoder.source.bind(to: reader)
      for k in encoder.furtherSources.indices { try encoder.furtherSources[k].bind(to: reader) }
    }
    orderGroups()
  }

  /// The columns that the features are made of.
  private var featureColumns: Set<String> {
    Set(features.flatMap { [$0.column.column] + $0.column.furtherSources.map(\.name) })
  }

  /// Binds to the file to which another encoder of the same columns is bound.
  func bind(like other: RowEncoder) {
    for (encoder, other) in zip(all, other.all) {
      encoder.source.bind(like: other.source)
      for k in encoder.furtherSources.indices {
        encoder.furtherSources[k].bind(like: other.furtherSources[k])
      }
    }
    orderGroups()
  }

  private func orderGroups() {
    // Neighbours in the file are encoded together: their text shares lines of memory.
    let places = groups.map { $0.map(\.index).min() ?? 0 }
    groups = groups.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { groups[$0] }
    inOrder = groups.flatMap { $0 }
  }

  /// Encodes records of one file.
  ///
  /// - Parameters:
  ///   - pieces: in the order of the file, into rows one behind the other.
  ///   - threads: how many columns are encoded at a time. The result is always the same.
  ///   - beside: called until it returns false, on any thread, by one at a time.
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
      try Self.writeDeferred([self], rows: last.target + last.rows.count, storage)
    }
  }

  /// Makes room beside the feeds for as many rows as they have room for.
  func reserve(_ storage: FeedStorage) throws {
    for feature in features { try feature.reserve(storage) }
  }

  /// Encodes records while other threads encode with replicas. Errors are noted.
  func encodeBeside(_ pieces: [RowPiece], into storage: FeedStorage, _ errors: ErrorLog) {
    for piece in pieces {
      Self.encode(piece, with: inOrder, into: storage, fetches: false, errors)
    }
  }

  private static func encode(
    _ piece: RowPiece, with encoders: [any ColumnEncoder], into storage: FeedStorage, fetches: Bool,
    _ errors: ErrorLog
  ) {
    let (block, rows, target) = (piece.block, piece.rows, piece.target)
    var columns: [mtlc_text_column] = []
    var others: [any ColumnEncoder] = []
    var inKernel: [any ColumnEncoder] = []
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

  /// The feed of ids, if all ids may fit bytes.
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
