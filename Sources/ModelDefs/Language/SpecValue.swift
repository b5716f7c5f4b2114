import Schema

/// Where a value of a spec was written.
public enum SpecLocation: Sendable, Hashable {
  /// 1-based line and column (in Unicode scalars) of the spec's file.
  case text(line: Int, column: Int)
  /// In an override of the command line, given as it was typed after `--set`.
  case override(String)
  /// The file as a whole.
  case file
}

/// A value of a spec with the place where it was written.
public struct SpecValue: Sendable {
  public var content: Content
  public var location: SpecLocation

  public indirect enum Content: Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int)
    case number(Double)
    case string(String)
    case array([SpecValue])
    /// In the order of the file, keys unique.
    case object([Member])
  }

  public struct Member: Sendable {
    public var key: String
    public var keyLocation: SpecLocation
    public var value: SpecValue
  }

  public init(_ content: Content, at location: SpecLocation) {
    self.content = content
    self.location = location
  }

  /// The members of an object, nil for anything else.
  public var members: [Member]? {
    if case .object(let members) = content { members } else { nil }
  }

  /// The elements of an array, nil for anything else.
  public var elements: [SpecValue]? {
    if case .array(let elements) = content { elements } else { nil }
  }

  public func member(_ key: String) -> Member? { members?.first { $0.key == key } }

  /// What kind of value it is, for messages: `a string`, `an object`.
  var kindName: String {
    switch content {
    case .null: "null"
    case .bool: "true or false"
    case .integer(let value): "the number \(value)"
    case .number(let value): "the number \(value)"
    case .string(let text): "the string \(quoted(text))"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// `did you mean "x"?`, or the list of what there is.
func suggestion(for text: String, among names: [String]) -> String {
  if let nearest = NearestName.nearest(text, in: names) {
    return "did you mean \(quoted(nearest))?"
  }
  return "known: \(names.joined(separator: ", "))"
}

/// A text in double quotes for a message, shortened when it is long.
func quoted(_ text: String) -> String {
  if text == "\"" { return "'\"'" }
  return "\"\(MessageText.printable(text.count > 60 ? text.prefix(57) + "…" : text))\""
}
