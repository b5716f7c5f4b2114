import Schema

// Features that are not one number or ids of one column.

extension FeatureDecoder {
  /// How the numbers of a feature are written.
  func numberCells(_ section: SectionReader) -> CellReading {
    let marks = DialectDecoder.marks(
      section, (FeatureKeys.decimal, section[FeatureKeys.decimal]),
      (FeatureKeys.thousands, section[FeatureKeys.thousands]), marks)
    return CellReading(missing: section[FeatureKeys.missing], numbers: marks)
  }

  /// A number in bins, and with `raw` the normalised number too.
  mutating func addPiecewise(_ name: String, _ column: String, _ section: SectionReader) {
    section.refuse(
      [FeatureKeys.boundaries, FeatureKeys.numBuckets],
      "does not go with the encoding \"piecewise_linear\", which has \"num_bins\"")
    if !section[FeatureKeys.raw] {
      section.refuse([FeatureKeys.normalizer], "goes with bins only beside \"raw\": true")
    }
    let kind = FeatureDeclaration.Kind.piecewise(
      bins: section[FeatureKeys.numBins], pointMasses: section[FeatureKeys.pointMasses])
    addEncoded(name, column, kind, .piecewiseLinear(dim: layerWidth(section)), section)
  }

  /// Sine and cosine of a number, and with `raw` the normalised number too.
  mutating func addPeriodic(_ name: String, _ column: String, _ section: SectionReader) {
    section.refuse(
      [FeatureKeys.boundaries, FeatureKeys.numBuckets],
      "does not go with the encoding \"periodic\", which has \"num_frequencies\"")
    let input = FeatureSpec.Input.periodic(
      frequencies: section[FeatureKeys.numFrequencies],
      scale: section[FeatureKeys.frequencyScale], dim: layerWidth(section))
    addEncoded(name, column, .numeric(section[FeatureKeys.normalizer]), input, section)
  }

  /// The units of the layer behind the encoding of a number; nil without one.
  private func layerWidth(_ section: SectionReader) -> Int? {
    section.isSet(FeatureKeys.embeddingDim) ? section[FeatureKeys.embeddingDim] : nil
  }

  /// An encoded number, and with `raw` the normalised number too.
  private mutating func addEncoded(
    _ name: String, _ column: String, _ kind: FeatureDeclaration.Kind, _ input: FeatureSpec.Input,
    _ section: SectionReader
  ) {
    let cells = numberCells(section)
    add(name, column, kind, input, section, cells: cells)
    if section[FeatureKeys.raw] {
      add(
        "\(name).raw", column, .numeric(section[FeatureKeys.normalizer]), .numeric, section,
        cells: cells)
    }
  }

  /// A feature for each part of a date or a time.
  mutating func addTime(_ name: String, _ column: String, _ section: SectionReader) {
    let parts = section[FeatureKeys.parts]
    section.requireDistinct(parts.map(\.rawValue), FeatureKeys.parts)
    if parts.isEmpty { section.report("names no part", FeatureKeys.parts) }
    if !parts.contains(where: { $0.values == nil }) {
      section.refuse(
        [FeatureKeys.normalizer], "goes only with the parts \"year\" and \"days\"")
    }
    let format = timeFormat(section)
    let offset = Int((section[FeatureKeys.utcOffset] * 60).rounded())
    for part in parts {
      let cells = CellReading(
        missing: section[FeatureKeys.missing],
        time: TimeReading(part: part, format: format, utcOffset: offset))
      let title = "\(name).\(part.rawValue)"
      if let values = part.values {
        // Value v of a..<b has the id v - a + 1, as the bucket of boundaries at all values but the first.
        let boundaries = values.dropFirst().map(Double.init)
        add(
          title, column, .bucketized(.boundaries(boundaries)), input(title, nil, section), section,
          cells: cells)
      } else {
        add(
          title, column, .numeric(section[FeatureKeys.normalizer]), .numeric, section,
          cells: cells)
      }
    }
  }

  private func timeFormat(_ section: SectionReader) -> TimeFormat {
    let text = section[FeatureKeys.timeFormat]
    switch text {
    case "iso": return .iso
    case "seconds": return .seconds
    case "milliseconds": return .milliseconds
    default:
      if !text.contains("%") || TimePattern.items(text) == nil {
        section.report(
          "must be \"iso\", \"seconds\", \"milliseconds\" or a pattern of %Y %y %m %d %H %I %M %S %f %b"
            + " %p %z, found \(quoted(text))", FeatureKeys.timeFormat)
      }
      return .pattern(text)
    }
  }

  /// An id that is hashed from several columns.
  mutating func addCross(_ section: SectionReader) {
    section.refuse(
      [FeatureKeys.column, FeatureKeys.columns], "does not go with the type \"cross\"")
    guard let name = section[FeatureKeys.name] else {
      section.node.report("the required key \"name\" is missing")
      return
    }
    let columns = section[FeatureKeys.of]
    if columns.count < 2 { section.report("must name two columns or more", FeatureKeys.of) }
    let buckets = section[FeatureKeys.crossBuckets]
    add(
      name, columns.first ?? name, .cross(columns, buckets: buckets), input(name, nil, section),
      section)
  }

  /// The numbers of a field as they are.
  mutating func addVector(_ name: String, _ column: String, _ section: SectionReader) {
    let separator = section[FeatureKeys.vectorSeparator]
    let layout = VectorLayout(
      separator: DialectDecoder.character(separator, section, FeatureKeys.vectorSeparator)
        ?? UInt8(ascii: ","), dim: section[FeatureKeys.dim],
      brackets: section[FeatureKeys.brackets])
    add(name, column, .vector(layout), .numeric, section, cells: numberCells(section))
  }
}
