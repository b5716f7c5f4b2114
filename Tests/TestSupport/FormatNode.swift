/// A value in the body of a plan, as the rules of the page read it; written again it gives the same
/// bytes.
public final class FormatNode {
  public enum Content {
    case int(Int64)
    /// A value of fixed size, the UTF-8 of a text, or the floats of a list `[f32]`.
    case bytes([UInt8])
    /// The items of a list; of an optional value none or one.
    case items([FormatNode])
    case record([FormatNode])
    case choice(UInt8, [FormatNode])
  }

  /// As the page writes it: `int`, `[View]`, `Extent`.
  public let type: String
  public var content: Content
  /// Where a reader took it from, in the indices of its bytes.
  public fileprivate(set) var place: Range<Int>?

  public init(_ type: String, _ content: Content) {
    self.type = type
    self.content = content
  }

  public var children: [FormatNode] {
    switch content {
    case .int, .bytes: []
    case .items(let nodes), .record(let nodes), .choice(_, let nodes): nodes
    }
  }

  /// It and all below it.
  public var all: [FormatNode] { [self] + children.flatMap(\.all) }

  public func write(to bytes: inout [UInt8]) {
    switch content {
    case .int(let value):
      Self.varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)), &bytes)
    case .bytes(let own):
      if type == "text" { Self.varint(UInt64(own.count), &bytes) }
      if type == "[f32]" { Self.varint(UInt64(own.count / 4), &bytes) }
      bytes += own
    case .items(let nodes):
      if type.hasSuffix("?") {
        bytes.append(UInt8(nodes.count))
      } else {
        Self.varint(UInt64(nodes.count), &bytes)
      }
      for node in nodes { node.write(to: &bytes) }
    case .choice(let code, let nodes):
      bytes.append(code)
      for node in nodes { node.write(to: &bytes) }
    case .record(let nodes):
      for node in nodes { node.write(to: &bytes) }
    }
  }

  private static func varint(_ value: UInt64, _ bytes: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}

/// Reads bodies by the rules of the page alone, and remembers which cases it met.
public struct FormatReader {
  private let grammar: FormatGrammar
  public private(set) var bytes: ArraySlice<UInt8>
  /// As `Instruction.matmul`; of a record its name.
  public private(set) var met: Set<String> = []

  public init(_ grammar: FormatGrammar, _ bytes: ArraySlice<UInt8>) {
    self.grammar = grammar
    self.bytes = bytes
  }

  private func failure(_ text: String) -> FormatGrammar.Failure { .init(description: text) }

  public mutating func read(_ type: String) throws -> FormatNode {
    let start = bytes.startIndex
    let node = try readValue(type)
    node.place = start..<bytes.startIndex
    return node
  }

  private mutating func readValue(_ type: String) throws -> FormatNode {
    if type == "[f32]" { return FormatNode(type, .bytes(try take(4 * Int(varint())))) }
    if type.hasSuffix("?") {
      return FormatNode(type, .items(try flag() ? [read(String(type.dropLast()))] : []))
    }
    if type.hasPrefix("[") {
      let item = String(type.dropFirst().dropLast())
      return FormatNode(type, .items(try (0..<(try varint())).map { _ in try read(item) }))
    }
    switch type {
    case "int":
      let bits = try varint()
      return FormatNode(type, .int(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)))
    case "u8": return FormatNode(type, .bytes(try take(1)))
    case "f32": return FormatNode(type, .bytes(try take(4)))
    case "u64", "f64": return FormatNode(type, .bytes(try take(8)))
    case "flag": return FormatNode(type, .bytes([try flag() ? 1 : 0]))
    case "text": return FormatNode(type, .bytes(try take(Int(varint()))))
    default: return try readRule(type)
    }
  }

  private mutating func readRule(_ name: String) throws -> FormatNode {
    switch grammar.rules[name] {
    case .record(let fields):
      met.insert(name)
      return FormatNode(name, .record(try fields.map { try read($0.type) }))
    case .cases(let cases):
      let code = try take(1)[0]
      guard let found = cases[code] else { throw failure("\(name) has no case \(code)") }
      met.insert("\(name).\(found.name)")
      return FormatNode(name, .choice(code, try found.fields.map { try read($0.type) }))
    case nil: throw failure("there is no rule for \(name)")
    }
  }

  private mutating func take(_ count: Int) throws -> [UInt8] {
    guard count <= bytes.count else { throw failure("the body is too short") }
    defer { bytes = bytes.dropFirst(count) }
    return Array(bytes.prefix(count))
  }

  private mutating func flag() throws -> Bool {
    let value = try take(1)[0]
    guard value <= 1 else { throw failure("\(value) is no flag") }
    return value == 1
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let next = try take(1)[0]
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    throw failure("a number is too long")
  }
}
