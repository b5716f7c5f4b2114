import CKernels
import Dispatch
import Schema

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
  private var all: [ColumnEncoder] {
    features + labels + (weight.map { [$0] } ?? []) + (group.map { [$0] } ?? [])
  }
  /// Encoders that can work at the same time: those that learn one vocabulary are in one group.
  private var groups: [[ColumnEncoder]] = []
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
  }

  /// Whether the present file has the column of each label.
  var labelsPresent: [Bool] { labels.map { $0.index >= 0 } }

  /// Encodes records of a block into rows from `target` on.
  ///
  /// - Parameters:
  ///   - threads: how many columns are encoded at a time. The result is always the same.
  ///   - beside: runs once, on one of the threads.
  /// - Throws: the first `DataError` in the order of the file.
  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at target: Int,
    threads: Int = 1, beside: (() -> Void)? = nil
  ) throws {
    let errors = ErrorLog()
    parallel(threads, beside: beside) { encoders in
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
        &columns, Int64(columns.count), Int64(rows.lowerBound), Int64(rows.upperBound))
      for (column, encoder) in zip(columns, inKernel) {
        attempt {
          try encoder.complete(
            block, rows: rows, from: Int(column.row), into: storage, at: target)
        }
      }
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tileRows) {
        let tile = start..<min(start + Self.tileRows, rows.upperBound)
        for encoder in others {
          attempt {
            try encoder.encode(
              block, rows: tile, into: storage, at: target + start - rows.lowerBound)
          }
        }
      }
    }
    if let error = errors.first { throw error }
    if let feed = byteFeed, storage.elementBytes[feed] == 1,
      features.contains(where: { !$0.wideIds.isEmpty })
    {
      try storage.widen(feed, rows: target + rows.count)
      for encoder in features { encoder.writeWideIds(to: storage) }
    }
  }

  /// The feed of ids, if all of them may turn out to be bytes.
  var byteFeed: Int? {
    guard let feed = layout.feeds.firstIndex(where: { $0.name == FeedLayout.ids }),
      features.allSatisfy({ $0.largestId <= 255 })
    else { return nil }
    return feed
  }

  /// Runs `work` on parts of the encoders, on as many threads as are asked for.
  private func parallel(
    _ threads: Int, beside: (() -> Void)? = nil, _ work: ([ColumnEncoder]) -> Void
  ) {
    let first = beside == nil ? 0 : 1
    let parts = threads > 1 ? min(2 * threads, groups.count) : 1
    func run(_ part: Int) {
      if part < first {
        beside?()
        return
      }
      // Neighbouring columns together: their cells share lines of memory.
      let k = part - first
      work(groups[groups.count * k / parts..<groups.count * (k + 1) / parts].flatMap { $0 })
    }
    guard threads > 1 else {
      for part in 0..<first + parts { run(part) }
      return
    }
    withoutActuallyEscaping(run) { run in
      let shared = SharedWork(run: run)
      DispatchQueue.concurrentPerform(iterations: first + parts) { shared.run($0) }
    }
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

  /// Completes the fit and the encoding of the rows read meanwhile.
  func finish(rowCount: Int, output: FeedStorage, threads: Int) throws {
    if let feed = byteFeed, output.elementBytes[feed] == 1,
      features.contains(where: {
        $0 is IdEncoder && ($0.learningVocabulary?.rank().tokens.count ?? 0) > 255
      })
    {
      // Where nothing stands for a missing value, provisional ids begin at 0, final ones at 1.
      try output.widen(feed, rows: rowCount)
    }
    let errors = ErrorLog()
    parallel(threads) { encoders in
      do {
        for encoder in encoders { try encoder.fit(rowCount: rowCount, storage: output) }
        // Some rows at a time, all columns of them, so that each line of memory is fetched once.
        for start in stride(from: 0, to: rowCount, by: 256) {
          for encoder in encoders {
            encoder.settle(rows: start..<min(start + 256, rowCount), output: output)
          }
        }
        for encoder in encoders { try encoder.finish() }
      } catch {
        errors.add(error)
      }
    }
    if let error = errors.first { throw error }
  }
}

/// Work whose parts touch different things, so that threads can share it.
private struct SharedWork: @unchecked Sendable {
  let run: (Int) -> Void
}
