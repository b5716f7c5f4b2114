/// A piece of the text form, with the place of its first byte.
struct Token {
  enum Kind: Hashable {
    /// A mnemonic, keyword or attribute name.
    case word(String)
    /// A quoted name without a sigil.
    case string(String)
    /// `@name`.
    case parameter(String)
    /// `$name`.
    case input(String)
    /// `%name`.
    case value(String)
    /// Digits with sign, point and exponent as written.
    case number(String)
    /// One of `{ } [ ] ( ) , : =`.
    case symbol(Character)
    case end
  }

  var kind: Kind
  var offset: Int

  /// How error messages call it.
  var text: String {
    switch kind {
    case .word(let word): "'\(word)'"
    case .string(let name): "'\(TextForm.word(name))'"
    case .parameter(let name): "'@\(TextForm.name(name))'"
    case .input(let name): "'$\(TextForm.name(name))'"
    case .value(let name): "'%\(name)'"
    case .number(let digits): "'\(digits)'"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end of the text"
    }
  }
}

/// Cuts text into tokens. White space and `// comments` separate them.
struct Lexer {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  func error(at offset: Int, _ message: String) -> ParseError {
    let before = bytes[..<min(offset, bytes.count)]
    let newline = UInt8(ascii: "\n")
    let line = before.count { $0 == newline } + 1
    let start = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
    // Continuation bytes of UTF-8 do not count.
    let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    return ParseError(line: line, column: column, message)
  }

  mutating func next() throws -> Token {
    skipSpace()
    let start = position
    guard let byte = current else { return Token(kind: .end, offset: start) }
    return Token(kind: try kind(startingWith: byte), offset: start)
  }

  private mutating func skipSpace() {
    while let byte = current {
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
        while let inside = current, inside != UInt8(ascii: "\n") { position += 1 }
      } else if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func kind(startingWith byte: UInt8) throws -> Token.Kind {
    let start = position
    switch byte {
    case UInt8(ascii: "@"):
      return .parameter(try sigilName("@"))
    case UInt8(ascii: "$"):
      return .input(try sigilName("$"))
    case UInt8(ascii: "%"):
      position += 1
      let name = bareName()
      guard !name.isEmpty else { throw error(at: start, "a value's name must follow '%'") }
      return .value(name)
    case UInt8(ascii: "\""):
      return .string(try quotedName())
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ":"),
      UInt8(ascii: "="):
      position += 1
      return .symbol(Character(Unicode.Scalar(byte)))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return .number(try number())
    default:
      guard TextForm.isWordStart(byte) else {
        throw error(at: start, "unexpected character \(character(at: start))")
      }
      return .word(bareName())
    }
  }

  private mutating func sigilName(_ sigil: String) throws -> String {
    let start = position
    position += 1
    if current == UInt8(ascii: "\"") { return try quotedName() }
    let name = bareName()
    guard !name.isEmpty else { throw error(at: start, "a name must follow '\(sigil)'") }
    return name
  }

  private mutating func bareName() -> String {
    let start = position
    while let byte = current, TextForm.isNameByte(byte) {
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") { break }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func number() throws -> String {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    if let byte = current, TextForm.isWordStart(byte) {
      guard bareName() == "inf" else { throw error(at: start, "'-' must be followed by a number") }
      return "-inf"
    }
    while let byte = current {
      let sign = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      let exponent = position > start && (bytes[position - 1] | 0x20) == UInt8(ascii: "e")
      guard sign ? exponent : TextForm.isNameByte(byte) && byte != UInt8(ascii: "/") else { break }
      position += 1
    }
    let digits = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(digits), value.isFinite else {
      throw error(at: start, "'\(digits)' is not a number in range")
    }
    return digits
  }

  private mutating func quotedName() throws -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\n"): throw error(at: start, "the name is not closed on its line")
      case UInt8(ascii: "\\"): content += try escaped()
      default: content.append(byte)
      }
    }
    throw error(at: start, "the name is not closed")
  }

  /// The bytes that an escape stands for; the backslash is behind.
  private mutating func escaped() throws -> [UInt8] {
    let start = position - 1
    let letter = current
    position += 1
    switch letter {
    case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
    case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
    case UInt8(ascii: "n"): return [UInt8(ascii: "\n")]
    case UInt8(ascii: "r"): return [UInt8(ascii: "\r")]
    case UInt8(ascii: "t"): return [UInt8(ascii: "\t")]
    case UInt8(ascii: "u"):
      guard current == UInt8(ascii: "{"),
        let close = bytes[position...].prefix(10).firstIndex(of: UInt8(ascii: "}")),
        let code = UInt32(
          String(decoding: bytes[(position + 1)..<close], as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { throw error(at: start, "the escape must read \\u{HEX} and name a Unicode scalar") }
      position = close + 1
      return Array(String(Character(scalar)).utf8)
    default:
      throw error(at: start, "unknown escape; known are \\\" \\\\ \\n \\r \\t \\u{HEX}")
    }
  }

  private func character(at offset: Int) -> String {
    let text = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
    return text.unicodeScalars.first.map { "'\($0)' (U+\(String($0.value, radix: 16)))" } ?? "?"
  }
}
