import Schema

/// Writes how the cells of a row become ids and numbers: what the plan learned of its training data, as
/// constant arrays, and a statement for each feature.
struct CFeatures {
  let schema: DataSchema
  let row: CRow
  let feeds: CFeeds
  /// Tokens, boundaries, markers.
  var tables = CText()
  /// Functions that read the times of columns.
  var functions = CText()
  /// The statements.
  var text = CText(depth: 1)
  var helpers: Set<CHelper> = []
  private var names = CNames()
  /// The names of tables and functions by what they hold.
  private var known: [String: String] = [:]

  init(_ schema: DataSchema, _ feeds: CFeeds) {
    self.schema = schema
    self.feeds = feeds
    row = CRow(schema)
  }

  mutating func write() throws(ExportError) {
    let layout = schema.feeds
    for (feature, slot) in zip(schema.features, layout.slots) {
      text.comment(summary(feature))
      switch (feature.encoder, slot) {
      case (.id(let encoding), .id(let column)):
        let target = "encoded->ids[\(column)]"
        let cell = textCell(feature.column)
        text.line("\(target) = \(idCall(encoding, cell, feature));")
        text.line("if (\(target) < 0) return \(row.number(of: feature.column));")
      case (.numeric(let normalizer), .numeric(let column)) where normalizer.curve != nil:
        interpolation(feature, normalizer, into: "encoded->numeric[\(column)]")
      case (.numeric(let normalizer), .numeric(let column)):
        number(feature) { features, number in
          features.helpers.insert(.normalized)
          var value = number
          if normalizer.logarithm {
            features.helpers.insert(.signedLog)
            value = "signed_log(\(number))"
          }
          features.text.line(
            "encoded->numeric[\(column)] = normalized(\(value), \(CLiteral.double(normalizer.offset)), "
              + "\(CLiteral.double(normalizer.scale)), \(CLiteral.float(normalizer.missing)));")
        }
      case (.bucketized(let boundaries), .id(let column)):
        let table = constants(
          "boundaries_\(feature.name)", "double", boundaries.map(CLiteral.double))
        number(feature) { features, number in
          features.helpers.insert(.bucket)
          features.text.line(
            "encoded->ids[\(column)] = bucket(\(number), \(table), \(boundaries.count));")
        }
      case (.sequence(let encoding, let layout), .sequence(let length, let weighted)):
        try sequence(feature, encoding, layout, length: length, isWeighted: weighted)
      case (.cross(let columns, let buckets), .id(let column)):
        cross(feature, columns, buckets: buckets, into: "encoded->ids[\(column)]")
      case (.vector(let layout), .vector(let column, _)):
        vector(feature, layout, column: column)
      default: throw ExportError("the feature \(feature.name) has no place in the feeds")
      }
    }
  }

  /// A number on the lines of a curve.
  private mutating func interpolation(
    _ feature: FeatureSchema, _ normalizer: Normalizer, into target: String
  ) {
    guard let curve = normalizer.curve else { return }
    // Without points it is 0, as with one.
    let points = curve.inputs.isEmpty ? [0] : curve.inputs
    let values = curve.inputs.isEmpty ? [0] : curve.outputs
    let inputs = constants("inputs_\(feature.name)", "double", points.map(CLiteral.double))
    let outputs = constants("outputs_\(feature.name)", "double", values.map(CLiteral.double))
    number(feature) { features, number in
      features.helpers.insert(.interpolated)
      features.text.line(
        "\(target) = interpolated(\(number), \(inputs), \(outputs), \(points.count), "
          + "\(curve.isClamped ? 1 : 0), \(CLiteral.float(normalizer.missing)));")
    }
  }

  /// What a feature is, for people.
  private func summary(_ feature: FeatureSchema) -> String {
    let kind =
      switch feature.encoder {
      case .id(.vocabulary(let tokens)): "one of \(tokens.count) texts"
      case .id(.hash(let buckets)): "a text hashed to \(buckets) ids"
      case .id(.identity(let count)): "a whole number below \(count)"
      case .numeric: feature.cells.time.map { "the \($0.part.rawValue) of a time" } ?? "a number"
      case .bucketized(let boundaries): "a number cut at \(boundaries.count) boundaries"
      case .sequence(_, let layout):
        "the \(layout.keep.rawValue) \(layout.maxLength) items of a list"
      case .cross(_, let buckets): "several texts hashed to \(buckets) ids"
      case .vector(let layout): "\(layout.dim) numbers"
      }
    return "\(feature.name): \(kind)"
  }

  // MARK: Cells

  /// The text of a column.
  func textCell(_ column: String) -> String { "text_of(row->\(row[column]?.name ?? ""))" }

  /// Missing markers of a feature as arguments.
  mutating func markers(_ feature: FeatureSchema) -> String {
    // A text with a zero byte cannot be written in C, and no cell holds one.
    let texts = (schema.format.missing + feature.cells.missing).filter { !$0.utf8.contains(0) }
    guard !texts.isEmpty else { return "NULL, 0" }
    return
      "\(constants("missing", "char *const", texts.map { CLiteral.string(Array($0.utf8)) })), \(texts.count)"
  }

  /// An array of constants, one for all features that need the same values.
  mutating func constants(_ name: String, _ type: String, _ values: [String]) -> String {
    let key = type + values.joined(separator: ",")
    if let known = known[key] { return known }
    let name = names.unique(name)
    known[key] = name
    tables.array("static const \(type) \(name)[\(max(1, values.count))]", values)
    tables.line()
    return name
  }

  /// A call that gives the id of a text, negative for one that has none.
  mutating func idCall(_ encoding: IdEncoding, _ cell: String, _ feature: FeatureSchema) -> String {
    switch encoding {
    case .vocabulary(let tokens):
      helpers.formUnion([.findToken, .text])
      // Markers come first: a token that is one has no id. Of equal tokens the first counts.
      // They are told apart by their bytes: strings are equal in other forms of a character too.
      var ids: [[UInt8]: Int] = [:]
      for marker in schema.format.missing + feature.cells.missing { ids[Array(marker.utf8)] = 0 }
      for (k, token) in tokens.enumerated() where ids[Array(token.utf8)] == nil {
        ids[Array(token.utf8)] = k + 1
      }
      let sorted = ids.filter { !$0.key.contains(0) }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }
      let texts = constants(
        "tokens_\(feature.name)", "char *const", sorted.map { CLiteral.string($0.key) })
      let numbers = constants("ids_\(feature.name)", "int32_t", sorted.map { "\($0.value)" })
      return "find_token(\(cell), \(texts), \(numbers), \(sorted.count))"
    case .hash(let buckets):
      helpers.formUnion([.hashID, .text])
      return "hash_id(\(cell), \(buckets), \(markers(feature)))"
    case .identity(let count):
      helpers.formUnion([.integerID, .text])
      return "integer_id(\(cell), \(count), \(markers(feature)))"
    }
  }

  /// A call that reads a number of a text; 0 where it holds none.
  mutating func numberCall(_ marks: NumberMarks, _ cell: String, _ target: String) -> String {
    guard marks.decimal != UInt8(ascii: ".") || !marks.thousands.isEmpty else {
      helpers.insert(.readNumber)
      return "read_number(\(cell), &\(target))"
    }
    helpers.insert(.readMarkedNumber)
    // A space stands for its unbreakable forms too.
    let spellings =
      marks.thousands == " "
      ? [" ", "\u{A0}", "\u{202F}"] : marks.thousands.isEmpty ? [] : [marks.thousands]
    let list =
      spellings.isEmpty
      ? "NULL"
      : constants("thousands", "char *const", spellings.map { CLiteral.string(Array($0.utf8)) })
    return
      "read_marked_number(\(cell), \(CLiteral.character(marks.decimal)), \(list), "
      + "\(spellings.count), &\(target))"
  }

  /// Reads the number of a feature, NAN where it is missing, and lets the body use it.
  private mutating func number(
    _ feature: FeatureSchema, _ body: (inout CFeatures, String) -> Void
  ) {
    guard let field = row[feature.column] else { return }
    let place = row.number(of: feature.column)
    guard !field.isNumber else {
      text.line("if (isinf(row->\(field.name))) return \(place);")
      return body(&self, "row->\(field.name)")
    }
    helpers.formUnion([.isMissing, .text])
    if let time = feature.cells.time {
      let moment = moment(feature, time)
      return body(
        &self, "\(moment).is_there ? part_of(&\(moment), part_\(time.part.rawValue)) : NAN")
    }
    text.open("")
    text.line("const struct text cell = \(textCell(feature.column));")
    text.line("double number = NAN;")
    let isMissing = "is_missing(cell, \(markers(feature)))"
    let call = numberCall(feature.cells.numbers, "cell", "number")
    text.line("if (!\(isMissing) && !\(call)) return \(place);")
    body(&self, "number")
    text.close()
  }

  /// Reads the time of a column, once for all features that are parts of it.
  /// - Returns: The variable that holds it.
  private mutating func moment(_ feature: FeatureSchema, _ time: TimeReading) -> String {
    helpers.insert(.part)
    let function = timeFunction(time)
    let markers = markers(feature)
    let key = "moment \(feature.column) \(function) \(markers)"
    if let known = known[key] { return known }
    let name = names.unique("moment_\(feature.column)")
    known[key] = name
    let cell = textCell(feature.column)
    text.line("struct moment \(name) = {!is_missing(\(cell), \(markers)), 0, 0};")
    text.line(
      "if (\(name).is_there && !\(function)(\(cell), &\(name))) "
        + "return \(row.number(of: feature.column));")
    return name
  }

  /// The function that reads times of a format.
  private mutating func timeFunction(_ time: TimeReading) -> String {
    let key = "time \(String(describing: time.format).utf8.map(String.init)) \(time.utcOffset)"
    if let known = known[key] { return known }
    let name = names.unique("read_time")
    known[key] = name
    CTimeFormat(time).write(name, to: &functions, &helpers)
    return name
  }
}
