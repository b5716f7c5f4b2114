/// Reads JSON5 text (json5.org) into a tree that knows where each value was written.
///
/// Any sequence of bytes is either read or refused with a finding; nesting is limited.
package struct JSON5Parser {
  /// How deep lists and objects may nest.
  package static let depthLimit = 100

  /// The first thing that is not JSON5.
  package struct SyntaxError: Error {
    package var message: String
    package var line: Int
    package var column: Int
  }

  private let bytes: [UInt8]
  private(set) var index = 0
  private var line = 1
  private var column = 1
  private var depth = 0
  private let diagnostics: SpecDiagnostics
  /// Where values are said to be, when that is not their place in the text.
  private let origin: SpecLocation?

  private init(_ text: [UInt8], _ diagnostics: SpecDiagnostics, origin: SpecLocation?) {
    bytes = text
    self.diagnostics = diagnostics
    self.origin = origin
  }

  /// Reads one value. Duplicate keys are reported to `diagnostics`, the first of them is kept.
  /// - Throws: `SyntaxError`.
  package static func parse(
    _ text: [UInt8], diagnostics: SpecDiagnostics, origin: SpecLocation? = nil
  ) throws(SyntaxError) -> SpecValue {
    var parser = JSON5Parser(text, diagnostics, origin: origin)
    try parser.checkEncoding()
    try parser.skipBlanks()
    let value = try parser.value(path: "")
    try parser.skipBlanks()
    if parser.peek() != nil {
      throw parser.error("unexpected \(parser.nextCharacter) after the end of the spec's value")
    }
    return value
  }

  // MARK: Position

  func peek(_ ahead: Int = 0) -> UInt8? {
    index + ahead < bytes.count ? bytes[index + ahead] : nil
  }

  /// Goes past one byte and keeps line and column up to date.
  mutating func advance() {
    guard index < bytes.count else { return }
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "\n")
      || (byte == UInt8(ascii: "\r") && peek() != UInt8(ascii: "\n"))
    {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
  }

  mutating func advance(by count: Int) {
    for _ in 0..<count { advance() }
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The scalar at the index and its length in bytes; the text is known to be UTF-8.
  func nextScalar() -> (scalar: Unicode.Scalar, length: Int)? {
    guard let first = peek() else { return nil }
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard index + length <= bytes.count else { return nil }
    return text(index..<index + length).unicodeScalars.first.map { ($0, length) }
  }

  /// What stands at the index, for messages.
  var nextCharacter: String {
    guard let (scalar, _) = nextScalar() else { return "end of the text" }
    if scalar.value < 0x20 || scalar.value == 0x7F {
      return scalar == "\n" || scalar == "\r"
        ? "end of the line" : "character U+\(String(scalar.value, radix: 16, uppercase: true))"
    }
    return "\"\(scalar)\""
  }

  func error(_ message: String) -> SyntaxError {
    SyntaxError(message: message, line: line, column: column)
  }

  private var location: SpecLocation { origin ?? .text(line: line, column: column) }

  private mutating func checkEncoding() throws(SyntaxError) {
    guard String(validating: bytes, as: UTF8.self) == nil else { return }
    // Go to the first byte that does not decode, so that the message can point at it.
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    loop: while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): advance(by: UTF8.width(scalar))
      case .emptyInput, .error: break loop
      }
    }
    throw error("the text is not UTF-8")
  }

  // MARK: Blanks and comments

  mutating func skipBlanks() throws(SyntaxError) {
    while let byte = peek() {
      switch byte {
      case 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20: advance()
      case UInt8(ascii: "/"): try skipComment()
      case 0x80...:
        guard let (scalar, length) = nextScalar(),
          scalar == "\u{FEFF}" || scalar.properties.isWhitespace
        else { return }
        advance(by: length)
      default: return
      }
    }
  }

  private mutating func skipComment() throws(SyntaxError) {
    let start = error("this comment does not end")
    switch peek(1) {
    case UInt8(ascii: "/"):
      while let byte = peek(), byte != 0x0A, byte != 0x0D { advance() }
    case UInt8(ascii: "*"):
      advance(by: 2)
      while peek() != nil {
        if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
          advance(by: 2)
          return
        }
        advance()
      }
      throw start
    default: throw error("unexpected \"/\"")
    }
  }

  // MARK: Values

  private mutating func value(path: String) throws(SyntaxError) -> SpecValue {
    let start = location
    switch peek() {
    case UInt8(ascii: "{"): return SpecValue(.object(try object(path: path)), at: start)
    case UInt8(ascii: "["): return SpecValue(.array(try array(path: path)), at: start)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      return SpecValue(.string(try string()), at: start)
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return SpecValue(try number(), at: start)
    case nil: throw error("a value is missing: the text ends here")
    default:
      let place = error("expected a value, found \(nextCharacter)")
      guard let word = try? identifier() else { throw place }
      switch word {
      case "true": return SpecValue(.bool(true), at: start)
      case "false": return SpecValue(.bool(false), at: start)
      case "null": return SpecValue(.null, at: start)
      case "Infinity": return SpecValue(.number(.infinity), at: start)
      case "NaN": return SpecValue(.number(.nan), at: start)
      default:
        throw SyntaxError(
          message: "expected a value, found \(word); a string needs quotes", line: place.line,
          column: place.column)
      }
    }
  }

  private mutating func enter() throws(SyntaxError) {
    depth += 1
    if depth > Self.depthLimit {
      throw error("lists and objects nest deeper than \(Self.depthLimit)")
    }
    advance()
    try skipBlanks()
  }

  /// Goes past a comma, or to the closing bracket.
  private mutating func separator(_ close: UInt8, open: SyntaxError) throws(SyntaxError) {
    try skipBlanks()
    if peek() == UInt8(ascii: ",") {
      advance()
      try skipBlanks()
    } else if peek() == nil {
      throw open
    } else if peek() != close {
      let bracket = String(decoding: [close], as: UTF8.self)
      throw error("expected \",\" or \"\(bracket)\", found \(nextCharacter)")
    }
  }

  private mutating func array(path: String) throws(SyntaxError) -> [SpecValue] {
    let open = error("this list does not end")
    var elements: [SpecValue] = []
    try enter()
    while peek() != UInt8(ascii: "]") {
      if peek() == nil { throw open }
      elements.append(try value(path: "\(path)[\(elements.count)]"))
      try separator(UInt8(ascii: "]"), open: open)
    }
    advance()
    depth -= 1
    return elements
  }

  private mutating func object(path: String) throws(SyntaxError) -> [SpecValue.Member] {
    let open = error("this object does not end")
    var members: [SpecValue.Member] = []
    var seen: Set<String> = []
    try enter()
    while peek() != UInt8(ascii: "}") {
      if peek() == nil { throw open }
      let start = location
      let key = try memberName()
      let keyPath = path.isEmpty ? key : "\(path).\(key)"
      try skipBlanks()
      guard peek() == UInt8(ascii: ":") else {
        throw error("expected \":\" after the key \(key), found \(nextCharacter)")
      }
      advance()
      try skipBlanks()
      let member = SpecValue.Member(
        key: key, keyLocation: start, value: try value(path: keyPath))
      if seen.insert(key).inserted {
        members.append(member)
      } else {
        diagnostics.report("this key was given before", at: start, path: keyPath)
      }
      try separator(UInt8(ascii: "}"), open: open)
    }
    advance()
    depth -= 1
    return members
  }

  private mutating func memberName() throws(SyntaxError) -> String {
    if peek() == UInt8(ascii: "\"") || peek() == UInt8(ascii: "'") { return try string() }
    return try identifier()
  }
}
