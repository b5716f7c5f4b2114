import Schema

// The kinds of values that keys take. Each has a default; `optional()` and `required()` change
// that.

extension SpecKey where Value == String {
  static func string(_ name: String, default text: String = "", _ documentation: String) -> Self {
    SpecKey(
      name, type: "string", default: quoted(text), documentation, fallback: text,
      decode: { $0.string() })
  }

  /// A string that is not empty.
  static func name(_ name: String, _ documentation: String) -> Self {
    SpecKey(name, type: "string", default: nil, documentation, fallback: "") { node in
      guard let text = node.string() else { return nil }
      if text.isEmpty { node.report("must not be empty") }
      return text.isEmpty ? nil : text
    }
  }
}

extension SpecKey where Value == Bool {
  static func boolean(_ name: String, default truth: Bool, _ documentation: String) -> Self {
    SpecKey(
      name, type: "true or false", default: String(truth), documentation, fallback: truth,
      decode: { $0.boolean() })
  }
}

extension SpecKey where Value == Int {
  static func integer(
    _ name: String, default number: Int, in range: ClosedRange<Int>, _ documentation: String
  ) -> Self {
    SpecKey(
      name, type: describe(range), default: String(number), documentation, fallback: number,
      decode: { $0.integer(in: range) })
  }
}

extension SpecKey where Value == Double {
  static func number(
    _ name: String, default number: Double, _ bounds: NumberBounds, _ documentation: String
  ) -> Self {
    SpecKey(
      name, type: bounds.description, default: shortText(number), documentation, fallback: number,
      decode: { $0.number(bounds) })
  }
}

extension SpecKey where Value == [String] {
  /// A list of texts; a single one stands for a list of one.
  static func strings(
    _ name: String, default texts: [String] = [], _ documentation: String
  ) -> Self {
    let list = texts.map(quoted).joined(separator: ", ")
    return SpecKey(
      name, type: "list of strings", default: "[\(list)]", documentation, fallback: texts
    ) { node in node.list { $0.cellText() } }
  }

  /// A list of names none of which is empty or there twice; `x0..x9` stands for ten.
  static func columns(_ name: String, _ documentation: String) -> Self {
    SpecKey(
      name, type: "list of column names; \"x0..x9\" stands for ten", default: "[]", documentation,
      fallback: []
    ) { node in ColumnRange.expand(node) }
  }
}

extension SpecKey where Value == [String: [String]] {
  /// For some tasks a list of other tasks; a single name stands for a list of one. That the names are
  /// those of tasks is for the model to check (`ModelScope.checkTaskNames`).
  static func taskLists(_ name: String, _ documentation: String) -> Self {
    SpecKey(
      name, type: "object from tasks to lists of tasks", default: "{}", documentation,
      fallback: [:]
    ) { node in
      guard let members = node.value.members else {
        return node.mismatch("an object from tasks to lists of tasks")
      }
      var lists: [String: [String]] = [:]
      for member in members {
        let path = SectionReader.join(node.path, member.key)
        let list = SpecNode(member.value, path: path, node.diagnostics).list { $0.string() }
        guard let list else { return nil }
        if Set(list).count < list.count || list.contains(member.key) {
          node.diagnostics.report(
            "names a task twice, or the task itself", at: member.value.location, path: path)
        }
        lists[member.key] = list
      }
      return lists
    }
  }
}

extension SpecKey where Value == [Int] {
  /// The widths of a stack of layers.
  static func units(_ name: String, default units: [Int], _ documentation: String) -> Self {
    SpecKey(
      name, type: "list of integers from 1 to \(SpecLimits.units)", default: "\(units)",
      documentation, fallback: units
    ) { node in
      guard let elements = node.value.elements else {
        return node.mismatch("a list of layer widths")
      }
      guard elements.count <= SpecLimits.layers else {
        node.report("has \(elements.count) layers, at most \(SpecLimits.layers) are possible")
        return nil
      }
      return node.list { $0.integer(in: 1...SpecLimits.units) }
    }
  }
}

extension SpecKey where Value == [Double] {
  /// Numbers each greater than the one before.
  static func risingNumbers(_ name: String, _ documentation: String) -> Self {
    SpecKey(
      name, type: "list of rising numbers", default: "[]", documentation, fallback: []
    ) { node in
      guard node.value.elements != nil else { return node.mismatch("a list of numbers") }
      guard let numbers = node.list({ $0.number(.any) }) else { return nil }
      guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) else {
        node.report("the numbers must rise")
        return nil
      }
      return numbers
    }
  }
}

extension SpecKey
where Value: RawRepresentable & CaseIterable, Value.RawValue == String, Value: Equatable {
  /// One of the cases' names.
  static func choice(_ name: String, default choice: Value, _ documentation: String) -> Self {
    let names = Value.allCases.map(\.rawValue)
    return SpecKey(
      name, type: names.map(quoted).joined(separator: " or "), default: quoted(choice.rawValue),
      documentation, fallback: choice
    ) { node in
      guard let text = node.string() else { return nil }
      if let value = Value(rawValue: text) { return value }
      node.report("unknown \(name) \(quoted(text)); \(suggestion(for: text, among: names))")
      return nil
    }
  }
}

extension SpecKey where Value == [TimePart] {
  /// Parts of a date or a time, none twice.
  static func timeParts(
    _ name: String, default parts: [TimePart], _ documentation: String
  ) -> Self {
    let names = TimePart.allCases.map(\.rawValue)
    return SpecKey(
      name, type: "list of \(names.map(quoted).joined(separator: " or "))",
      default: "[\(parts.map { quoted($0.rawValue) }.joined(separator: ", "))]", documentation,
      fallback: parts
    ) { node in
      node.list { node in
        guard let text = node.string() else { return nil }
        if let part = TimePart(rawValue: text) { return part }
        node.report("unknown part \(quoted(text)); \(suggestion(for: text, among: names))")
        return nil
      }
    }
  }
}

extension SpecKey where Value == TableFormat.Encoding {
  /// An encoding by its name in any spelling.
  static func encoding(_ name: String, _ documentation: String) -> Self {
    let names = Value.allCases.map(\.rawValue)
    return SpecKey(
      name, type: names.map(quoted).joined(separator: " or "),
      default: quoted(Value.utf8.rawValue), documentation, fallback: .utf8
    ) { node in
      guard let text = node.string() else { return nil }
      if let encoding = Value(spelled: text) { return encoding }
      node.report("unknown \(name) \(quoted(text)); \(suggestion(for: text, among: names))")
      return nil
    }
  }
}

extension SpecKey where Value == SpecValue? {
  /// An object or a list of objects that a section of its own describes.
  static func section(
    _ name: String, type: String = "object", _ documentation: String
  ) -> Self {
    SpecKey(name, type: type, default: nil, documentation, fallback: nil, decode: { $0.value })
  }
}

/// How large things may be asked for. Beyond these a typing error is likelier than a wish; all
/// products of them stay far inside 64 bits.
enum SpecLimits {
  static let units = 65_536
  static let layers = 64
  static let batch = 1_048_576
  static let embeddingDim = 4_096
  static let classes = 1_024
  static let rows = 2_000_000_000
  static let features = 100_000
  static let sequenceLength = 16_384
}
