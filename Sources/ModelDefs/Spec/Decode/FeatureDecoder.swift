import Schema

/// Reads `features`. One entry can stand for many features (`columns`) and for two (`raw`).
struct FeatureDecoder {
  var features: [FeatureSpec] = []
  /// Parallel to `features`.
  private(set) var declarations: [FeatureDeclaration] = []
  /// Parallel to `features`.
  private(set) var sections: [SectionReader] = []

  let folder: String
  /// The marks in numbers where a feature does not say otherwise.
  let marks: NumberMarks
  private var names: Set<String> = []
  private var tables: [String: Table] = [:]

  /// What the features that share an embedding table must agree on.
  private struct Table: Hashable {
    var dim: Int
    var source: IdSource?
    var missing: [String]
  }

  init(
    _ spec: SectionReader, folder: String, _ material: Material,
    marks: NumberMarks = NumberMarks()
  ) {
    self.folder = folder
    self.marks = marks
    guard let node = spec.child(SpecKeys.features) else {
      if material != .images { spec.node.report("the required key \"features\" is missing") }
      return
    }
    guard let elements = node.value.elements else {
      let _: Int? = node.mismatch("a list of features")
      return
    }
    if elements.isEmpty { node.report("a model needs a feature") }
    for (index, element) in elements.enumerated() {
      guard let (type, section) = FeatureKeys.variants.read(node.child(index, element)) else {
        continue
      }
      if type == "cross" {
        addCross(section)
        continue
      }
      for (name, column) in columns(of: section) {
        switch type {
        case "numeric": addNumber(name, column, section)
        case "id": addId(name, column, section)
        case "datetime": addTime(name, column, section)
        case "vector": addVector(name, column, section)
        default: addSequence(name, column, section)
        }
      }
    }
    checkTargets()
    sharePretrained()
    if features.count > SpecLimits.features {
      node.report(
        "declares \(features.count) features, at most \(SpecLimits.features) are possible")
    }
  }

  private func columns(of section: SectionReader) -> [(name: String, column: String)] {
    let name = section[FeatureKeys.name]
    let column = section[FeatureKeys.column]
    guard section.isSet(FeatureKeys.columns) else {
      if !section.isSet(FeatureKeys.name) {
        section.node.report("the required key \"name\" (or \"columns\") is missing")
      }
      return name.map { [($0, column ?? $0)] } ?? []
    }
    section.refuse([FeatureKeys.name, FeatureKeys.column], "does not go with \"columns\"")
    let columns = section[FeatureKeys.columns]
    if columns.isEmpty, section.child(FeatureKeys.columns)?.value.elements?.isEmpty == true {
      section.report("names no column", FeatureKeys.columns)
    }
    return columns.map { ($0, $0) }
  }

  mutating func add(
    _ name: String, _ column: String, _ kind: FeatureDeclaration.Kind, _ input: FeatureSpec.Input,
    _ section: SectionReader, cells: CellReading? = nil
  ) {
    if !names.insert(name).inserted {
      let key: any AnySpecKey =
        section.isSet(FeatureKeys.columns) ? FeatureKeys.columns : FeatureKeys.name
      section.report("another feature is named \(quoted(name))", key)
    }
    features.append(FeatureSpec(name: name, input: input, pretrained: pretrained(section, input)))
    // Who shares a table shares the numbers of its rows.
    let vocabulary: String? =
      switch (kind, input) {
      case (.id, .embedding(_, let table)), (.sequence, .sequence(_, let table, _)): table
      case (.numeric, _), (.piecewise, _), (.bucketized, _), (.id, _), (.sequence, _), (.cross, _),
        (.vector, _):
        nil
      }
    declarations.append(
      FeatureDeclaration(
        name: name, column: column, kind: kind, vocabulary: vocabulary,
        cells: cells ?? CellReading(missing: section[FeatureKeys.missing])))
    sections.append(section)
  }

  // MARK: Numbers

  private mutating func addNumber(_ name: String, _ column: String, _ section: SectionReader) {
    let boundaries = section[FeatureKeys.boundaries]
    let bucketCount = section[FeatureKeys.numBuckets]
    let normalizer = section[FeatureKeys.normalizer]
    let encoding = section[FeatureKeys.numberEncoding]
    if encoding != .piecewiseLinear {
      section.refuse(
        [FeatureKeys.numBins, FeatureKeys.pointMasses],
        "goes only with the encoding \"piecewise_linear\"")
    }
    if encoding != .periodic {
      section.refuse(
        [FeatureKeys.numFrequencies, FeatureKeys.frequencyScale],
        "goes only with the encoding \"periodic\"")
    }
    switch encoding {
    case .piecewiseLinear: return addPiecewise(name, column, section)
    case .periodic: return addPeriodic(name, column, section)
    case .embedding, .oneHot: break
    }
    guard section.isSet(FeatureKeys.boundaries) || section.isSet(FeatureKeys.numBuckets) else {
      section.refuse(
        [FeatureKeys.raw, FeatureKeys.numberEncoding, FeatureKeys.embeddingDim],
        "goes only with \"boundaries\", \"num_buckets\" or an encoding \"piecewise_linear\" or"
          + " \"periodic\"")
      add(name, column, .numeric(normalizer), .numeric, section, cells: numberCells(section))
      return
    }
    if section.isSet(FeatureKeys.boundaries) {
      section.refuse([FeatureKeys.numBuckets], "does not go with \"boundaries\"")
    }
    if section.isSet(FeatureKeys.boundaries), boundaries.isEmpty,
      section.child(FeatureKeys.boundaries)?.value.elements?.isEmpty == true
    {
      section.report("names no place to cut", FeatureKeys.boundaries)
    }
    let raw = section[FeatureKeys.raw]
    if !raw {
      section.refuse([FeatureKeys.normalizer], "goes with buckets only beside \"raw\": true")
    }
    let source: BucketSource = bucketCount.map { .quantiles(count: $0) } ?? .boundaries(boundaries)
    let cells = numberCells(section)
    add(name, column, .bucketized(source), input(name, nil, section), section, cells: cells)
    if raw {
      add("\(name).raw", column, .numeric(normalizer), .numeric, section, cells: cells)
    }
  }

  // MARK: Ids

  private mutating func addId(_ name: String, _ column: String, _ section: SectionReader) {
    let source = idSource(section)
    add(name, column, .id(source), input(name, source, section), section)
  }

  private mutating func addSequence(_ name: String, _ column: String, _ section: SectionReader) {
    let source = idSource(section)
    let brackets = section[FeatureKeys.brackets]
    let separator = section[FeatureKeys.separator] ?? (brackets ? "," : "|")
    let weights = section[FeatureKeys.weightsColumn]
    if weights != nil, section.isSet(FeatureKeys.columns) {
      section.report("goes only with one column", FeatureKeys.weightsColumn)
    }
    if weights != nil, section[FeatureKeys.weighted] {
      section.report(
        "does not go with \"weighted\", which reads id:weight", FeatureKeys.weightsColumn)
    }
    let layout = SequenceLayout(
      separator: DialectDecoder.character(separator, section, FeatureKeys.separator) ?? 0x7C,
      maxLength: section[FeatureKeys.maxLength], keep: section[FeatureKeys.keep],
      weighted: section[FeatureKeys.weighted] || weights != nil, weightsColumn: weights,
      brackets: brackets)
    let table = sharedTable(name, source, section)
    let input = FeatureSpec.Input.sequence(
      dim: section[FeatureKeys.embeddingDim], table: table, pooling: section[FeatureKeys.pooling])
    add(
      name, column, .sequence(source, layout), input, section,
      cells: CellReading(missing: section[FeatureKeys.missing], numbers: marks))
    if let target = section[FeatureKeys.attentionTarget] {
      features[features.count - 1].attentionTarget = target
    }
  }

  /// The pooling by attention needs a target with an embedding, other poolings none.
  private func checkTargets() {
    for (feature, section) in zip(features, sections) {
      guard case .sequence(_, _, let pooling) = feature.input else { continue }
      let isAttention = pooling == .attention
      guard let target = feature.attentionTarget else {
        if isAttention {
          section.report("goes only with \"attention_target\"", FeatureKeys.pooling)
        }
        continue
      }
      let key = FeatureKeys.attentionTarget
      if !isAttention {
        section.report("goes only with the pooling \"attention\"", key)
      } else if let other = features.first(where: { $0.name == target }) {
        guard case .embedding = other.input else {
          section.report("\(quoted(target)) is not an id with an embedding", key)
          continue
        }
      } else {
        let hint = NearestName.nearest(target, in: features.map(\.name))
        section.report(
          "no feature is named \(quoted(target))"
            + (hint.map { "; did you mean \(quoted($0))?" } ?? ""), key)
      }
    }
  }

  mutating func input(
    _ name: String, _ source: IdSource?, _ section: SectionReader
  ) -> FeatureSpec.Input {
    switch section[FeatureKeys.encoding] {
    case .embedding:
      let table = sharedTable(name, source, section)
      return .embedding(dim: section[FeatureKeys.embeddingDim], table: table)
    case .oneHot:
      section.refuse(
        source == nil
          ? [FeatureKeys.embeddingDim] : [FeatureKeys.embeddingDim, FeatureKeys.embeddingName],
        "does not go with the encoding \"one_hot\"")
      return .oneHot
    }
  }

  /// The name of the feature's table; reports features that share one and disagree. Buckets, which
  /// have no source of ids, share none.
  private mutating func sharedTable(
    _ name: String, _ source: IdSource?, _ section: SectionReader
  ) -> String {
    let shared = source == nil ? nil : section[FeatureKeys.embeddingName]
    let table = Table(
      dim: section[FeatureKeys.embeddingDim], source: source, missing: section[FeatureKeys.missing])
    let key = shared ?? name
    guard let first = tables[key] else {
      tables[key] = table
      return key
    }
    // Two features of one name are reported as such.
    guard shared != nil || !names.contains(name) else { return key }
    if first.dim != table.dim {
      section.report(
        "the shared table \(quoted(key)) has \"embedding_dim\" \(first.dim), here it is"
          + " \(table.dim)",
        FeatureKeys.embeddingName)
    } else if first.missing != table.missing {
      section.report(
        "the features of the shared table \(quoted(key)) have different texts in \"missing\"",
        FeatureKeys.embeddingName)
    } else if first.source != table.source {
      section.report(
        "the features of the shared table \(quoted(key)) get their ids in different ways",
        FeatureKeys.embeddingName)
    }
    return key
  }

  private func idSource(_ section: SectionReader) -> IdSource {
    let sources: [any AnySpecKey] = [
      FeatureKeys.hashBucketSize, FeatureKeys.vocabList, FeatureKeys.vocabFile, FeatureKeys.numIds,
    ]
    let given = sources.filter { section.isSet($0) }
    if given.count > 1 {
      section.report("does not go with \(quoted(given[0].name))", given[1])
    }
    if let first = given.first {
      section.refuse([FeatureKeys.minFrequency], "does not go with \(quoted(first.name))")
    }
    if let buckets = section[FeatureKeys.hashBucketSize] { return .hash(buckets: buckets) }
    if let count = section[FeatureKeys.numIds] { return .identity(count: count) }
    if let list = section[FeatureKeys.vocabList] {
      return .list(checkedVocabulary(list, section, FeatureKeys.vocabList))
    }
    if let file = section[FeatureKeys.vocabFile] {
      return .list(vocabulary(of: file, section))
    }
    return .trainingData(minFrequency: section[FeatureKeys.minFrequency])
  }

  private func vocabulary(of file: String, _ section: SectionReader) -> [String] {
    let path = TextFile.resolve(
      file, in: DataDecoder.base(section, FeatureKeys.vocabFile, folder))
    do {
      let bytes = try TextFile.read(path)
      let lines = bytes.split(separator: UInt8(ascii: "\n")).map { line in
        String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
      }
      return checkedVocabulary(lines.filter { !$0.isEmpty }, section, FeatureKeys.vocabFile)
    } catch {
      section.report("\(path) \(error.message)", FeatureKeys.vocabFile)
      return []
    }
  }

  private func checkedVocabulary(
    _ entries: [String], _ section: SectionReader, _ key: any AnySpecKey
  ) -> [String] {
    if entries.isEmpty { section.report("names no entry", key) }
    section.requireDistinct(entries, key)
    return entries
  }
}
