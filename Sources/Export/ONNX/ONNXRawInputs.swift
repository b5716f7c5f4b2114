import Schema

/// Declares an input for each column that the features are read from, and the nodes that encode it.
///
/// A text is as the table's reader hands it on: without quotes and spaces around it. What a text means
/// is found by comparing whole texts; hashing, dividing and parsing them has no form in ONNX.
struct ONNXRawInputs {
  private let schema: DataSchema
  private var feeds = ONNXFeedBuilder()
  /// The place of the feature that is declared at present.
  private var index = 0
  /// The inputs that are declared already, by column and form: features may share a column.
  private var inputs: [Key: String] = [:]

  private struct Key: Hashable {
    var column: String
    var element: ONNXElement
    var shape: [ONNXValue.Dimension]
    /// Which items of a list there are.
    var keep: SequenceLayout.Keep?
  }

  /// - Throws: `ExportError` that names every feature without a form in ONNX.
  static func declare(_ schema: DataSchema, _ builder: inout ONNXBuilder) throws -> ONNXFeeds {
    let refusals = schema.features.compactMap { feature in
      refusal(feature).map { "the feature \"\(feature.name)\" \($0)" }
    }
    guard refusals.isEmpty else {
      throw ExportError(
        refusals.joined(separator: "; ") + ": ONNX has no operators for that",
        hint: "export with --inputs encoded, or give such features another encoding in the spec")
    }
    var declaration = Self(schema: schema)
    return declaration.declare(&builder)
  }

  private init(schema: DataSchema) { self.schema = schema }

  /// What a feature does to its cells that has no form in ONNX; nil where all has one.
  private static func refusal(_ feature: FeatureSchema) -> String? {
    if let time = feature.cells.time {
      switch time.format {
      case .seconds, .milliseconds: break
      case .iso, .pattern: return "reads dates from text"
      }
    }
    switch feature.encoder {
    case .id(.hash), .sequence(.hash, _): return "hashes its texts (hash_bucket_size)"
    case .cross: return "hashes the texts of several columns (type \"cross\")"
    case .numeric(let normalizer):
      let inputs = normalizer.curve?.inputs ?? []
      let isFar = zip(inputs, inputs.dropFirst()).contains { !($1 - $0).isFinite }
      return isFar ? "has numbers that are too far apart" : nil
    case .id, .sequence, .bucketized, .vector: return nil
    }
  }

  private mutating func declare(_ builder: inout ONNXBuilder) -> ONNXFeeds {
    for (index, feature) in schema.features.enumerated() {
      self.index = index
      builder.scope = feature.name
      switch feature.encoder {
      case .id(let encoding):
        let ids = ids(feature, encoding, [.batch], "", &builder)
        feeds.add(ids: ids)
      case .numeric(let normalizer):
        let number = scaled(number(feature, &builder), normalizer, &builder)
        feeds.add(numbers: builder.unsqueeze(number, axis: 1))
      case .bucketized(let boundaries):
        let bucket = bucket(number(feature, &builder), boundaries, &builder)
        feeds.add(ids: bucket)
      case .sequence(let encoding, let layout):
        let shape: [ONNXValue.Dimension] = [.batch, .fixed(layout.maxLength)]
        let note =
          " of a list, the \(layout.keep.rawValue) \(layout.maxLength) at most; the rest of the row is"
          + " not looked at"
        let items = ids(feature, encoding, shape, note, keep: layout.keep, &builder)
        let lengths = input(
          "\(feature.column).length", .int64, [.batch],
          "How many items the column \(feature.column) has.", role: .lengths, &builder)
        let weights =
          layout.weighted
          ? input(
            layout.weightsColumn ?? "\(feature.column).weights", .float, shape,
            "The weight of each item of \(feature.column), 1 for none.", role: .weights,
            keep: layout.keep, &builder) : nil
        feeds.add(
          sequence: feature.name, layout, ids: items, weights: weights, lengths: lengths,
          &builder)
      case .vector(let layout):
        let numbers = input(
          feature.column, .float, [.batch, .fixed(layout.dim)],
          "The numbers of the column \(feature.column), NaN where it is missing.", &builder)
        feeds.add(
          numbers: builder.node(
            "Where", [builder.node("IsNaN", [numbers]), builder.floats([0]), numbers]))
      case .cross: break
      }
    }
    builder.scope = ""
    return feeds.finish(&builder)
  }

  /// The input of a column, declared where it is read first. Where it is read in another form before, the
  /// name of the feature is added to that of the column.
  private mutating func input(
    _ column: String, _ element: ONNXElement, _ shape: [ONNXValue.Dimension],
    _ documentation: String, role: ONNXInput.Role = .values, keep: SequenceLayout.Keep? = nil,
    _ builder: inout ONNXBuilder
  ) -> String {
    let key = Key(column: column, element: element, shape: shape, keep: keep)
    if let name = inputs[key] { return name }
    let isKnown = inputs.keys.contains { $0.column == column }
    let name = builder.input(
      isKnown ? "\(column).\(schema.features[index].name)" : column, element, shape, documentation)
    inputs[key] = name
    return feeds.declared(name, index, role)
  }

  // MARK: Ids

  /// The ids of texts or integers, int64 of this shape.
  private mutating func ids(
    _ feature: FeatureSchema, _ encoding: IdEncoding, _ shape: [ONNXValue.Dimension],
    _ note: String, keep: SequenceLayout.Keep? = nil, _ builder: inout ONNXBuilder
  ) -> String {
    let column = feature.column
    switch encoding {
    case .vocabulary(let tokens):
      let text = input(
        column, .text, shape,
        "The text of the column \(column)\(note); a missing or unknown one has the id 0.",
        keep: keep, &builder)
      return lookup(text, tokens, missing: feature.cells.missing + schema.format.missing, &builder)
    case .identity(let count):
      let number = input(
        column, .int64, shape,
        "The integer of the column \(column)\(note); a negative one counts as missing.",
        keep: keep, &builder)
      let isKnown = builder.node(
        "And",
        [
          builder.node("GreaterOrEqual", [number, builder.integers([0], [])]),
          builder.node("Less", [number, builder.integers([count], [])]),
        ])
      let id = builder.node("Add", [number, builder.integers([1], [])])
      return builder.node("Where", [isKnown, id, builder.integers([0], [])])
    case .hash: return ""
    }
  }

  /// Token k has the id k + 1; all other texts and the missing markers have 0.
  private func lookup(
    _ text: String, _ tokens: [String], missing: [String], _ builder: inout ONNXBuilder
  ) -> String {
    // Bytes are compared, not characters that look alike.
    var known = Set(missing.map { Array($0.utf8) })
    var keys: [String] = []
    var ids: [Int] = []
    for (place, token) in tokens.enumerated() where known.insert(Array(token.utf8)).inserted {
      keys.append(token)
      ids.append(place + 1)
    }
    // An operator without keys is not allowed; this one stands for none.
    if keys.isEmpty { (keys, ids) = ([""], [0]) }
    return builder.node(
      "LabelEncoder", [text], domain: ONNXNode.learning,
      [
        ("keys_strings", .texts(keys)), ("values_int64s", .integers(ids)),
        ("default_int64", .integer(0)),
      ])
  }

  // MARK: Numbers

  /// The number of a cell, double[batch], NaN where it is missing.
  private mutating func number(
    _ feature: FeatureSchema, _ builder: inout ONNXBuilder
  ) -> String {
    let column = feature.column
    guard let time = feature.cells.time else {
      return input(
        column, .double, [.batch], "The number of the column \(column), NaN where it is missing.",
        &builder)
    }
    let isMilliseconds = time.format == .milliseconds
    let unit = isMilliseconds ? "milliseconds" : "seconds"
    let number = input(
      column, .double, [.batch],
      "The \(unit) of the column \(column) since the beginning of 1970 in UTC, NaN where it is"
        + " missing.", &builder)
    return ONNXTimeParts.number(
      time.part, of: number, isMilliseconds: isMilliseconds, utcOffset: time.utcOffset, &builder)
  }

  /// (f(x) − offset)·scale as a float, f the identity or sign(x)·ln(1 + |x|): float[batch].
  private func scaled(
    _ number: String, _ normalizer: Normalizer, _ builder: inout ONNXBuilder
  ) -> String {
    var x = number
    if let curve = normalizer.curve {
      x = interpolated(x, curve, &builder)
    } else if normalizer.logarithm {
      let size = builder.node("Abs", [x])
      let logarithm = builder.node("Log", [builder.node("Add", [size, builder.doubles([1])])])
      x = builder.node("Mul", [builder.node("Sign", [x]), logarithm])
    }
    if normalizer.offset != 0 {
      x = builder.node("Sub", [x, builder.doubles([normalizer.offset])])
    }
    if normalizer.scale != 1 { x = builder.node("Mul", [x, builder.doubles([normalizer.scale])]) }
    let largest = Float.greatestFiniteMagnitude
    let scaled = builder.node(
      "Clip", [builder.cast(x, to: .float), builder.floats([-largest]), builder.floats([largest])])
    let isMissing = builder.node("IsNaN", [number])
    return builder.node("Where", [isMissing, builder.floats([normalizer.missing]), scaled])
  }

  /// The place of numbers on the lines through some points: the first output and, for each line, how much it
  /// rises times the share of it that the number has passed.
  private func interpolated(
    _ number: String, _ curve: NumberCurve, _ builder: inout ONNXBuilder
  ) -> String {
    func vector(_ values: [Double], _ builder: inout ONNXBuilder) -> String {
      builder.doubles(values, [values.count])
    }
    let lines = zip(
      zip(curve.inputs, curve.inputs.dropFirst()), zip(curve.outputs, curve.outputs.dropFirst())
    )
    .map { (start: $0.0, width: $0.1 - $0.0, rise: $1.1 - $1.0) }
    let first = builder.doubles([curve.outputs.first ?? 0])
    guard !lines.isEmpty else {
      return builder.node("Add", [builder.node("Mul", [number, builder.doubles([0])]), first])
    }
    let distances = builder.node(
      "Sub", [builder.unsqueeze(number, axis: 1), vector(lines.map(\.start), &builder)])
    var shares = builder.node("Div", [distances, vector(lines.map(\.width), &builder)])
    // The lines at the ends go on where the curve is not clamped.
    let far = Double.greatestFiniteMagnitude
    let (low, high) = curve.isClamped ? (0, 1) : (-far, far)
    let last = lines.count - 1
    shares = builder.node(
      "Max", [shares, vector(lines.indices.map { $0 == 0 ? low : 0 }, &builder)])
    shares = builder.node(
      "Min", [shares, vector(lines.indices.map { $0 == last ? high : 1 }, &builder)])
    let rises = builder.node("Mul", [shares, vector(lines.map(\.rise), &builder)])
    let sum = builder.node(
      "ReduceSum", [rises, builder.integers([1])], [("keepdims", .integer(0))])
    return builder.node("Add", [sum, first])
  }

  /// 1 + the number of boundaries ≤ v, 0 for a missing number: int64[batch].
  private func bucket(
    _ number: String, _ boundaries: [Double], _ builder: inout ONNXBuilder
  ) -> String {
    var count = builder.integers([0], [])
    if !boundaries.isEmpty {
      let all = builder.doubles(boundaries, [1, boundaries.count])
      let reached = builder.node(
        "GreaterOrEqual", [builder.unsqueeze(number, axis: 1), all])
      count = builder.node(
        "ReduceSum", [builder.cast(reached, to: .int64), builder.integers([1])],
        [("keepdims", .integer(0))])
    }
    let bucket = builder.node("Add", [count, builder.integers([1], [])])
    return builder.node(
      "Where", [builder.node("IsNaN", [number]), builder.integers([0], []), bucket])
  }
}
