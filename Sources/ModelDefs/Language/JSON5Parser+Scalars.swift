extension JSON5Parser {
  // MARK: Names

  /// A name as ECMAScript has it: letters, digits, `$`, `_`, `\uXXXX`.
  mutating func identifier() throws(SyntaxError) -> String {
    var name = String.UnicodeScalarView()
    while let (scalar, length) = nextScalar() {
      if scalar == "\\" {
        let place = error("this escape is not part of a name")
        advance()
        guard peek() == UInt8(ascii: "u") else { throw place }
        advance()
        guard let escaped = Unicode.Scalar(try hexDigits(4)), Self.continuesName(escaped),
          !name.isEmpty || Self.startsName(escaped)
        else { throw place }
        name.append(escaped)
      } else if name.isEmpty ? Self.startsName(scalar) : Self.continuesName(scalar) {
        name.append(scalar)
        advance(by: length)
      } else {
        break
      }
    }
    if name.isEmpty { throw error("expected a key, found \(nextCharacter)") }
    return String(name)
  }

  private static func startsName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "$" || scalar == "_" || scalar.properties.isIDStart
  }

  private static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    startsName(scalar) || scalar.properties.isIDContinue || scalar == "\u{200C}"
      || scalar == "\u{200D}"
  }

  // MARK: Strings

  mutating func string() throws(SyntaxError) -> String {
    let open = error("this string does not end; a line break in a string is written \\n")
    guard let quote = peek() else { throw open }
    advance()
    var content = String.UnicodeScalarView()
    while let (scalar, length) = nextScalar() {
      if scalar.value == UInt32(quote) {
        advance()
        return String(content)
      }
      switch scalar {
      case "\n", "\r": throw open
      case "\\":
        advance()
        if let escaped = try escape(open: open) { content.append(escaped) }
      default:
        content.append(scalar)
        advance(by: length)
      }
    }
    throw open
  }

  /// What follows a backslash: a scalar, or nothing for a line that goes on.
  private mutating func escape(open: SyntaxError) throws(SyntaxError) -> Unicode.Scalar? {
    guard let (scalar, length) = nextScalar() else { throw open }
    let place = error("unknown escape \\\(scalar)")
    advance(by: length)
    switch scalar {
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "v": return "\u{B}"
    case "0":
      if let next = peek(), Self.isDigit(next) { throw place }
      return "\0"
    case "1"..."9": throw place
    case "x":
      return Unicode.Scalar(try hexDigits(2))
    case "u": return try unicodeEscape()
    case "\r":
      if peek() == UInt8(ascii: "\n") { advance() }
      return nil
    case "\n", "\u{2028}", "\u{2029}": return nil
    default: return scalar
    }
  }

  /// Four digits, or twice four for a pair of surrogates.
  private mutating func unicodeEscape() throws(SyntaxError) -> Unicode.Scalar {
    let place = error("this escape is half of a character; its other half must follow")
    let first = try hexDigits(4)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") else {
      throw place
    }
    advance(by: 2)
    let second = try hexDigits(4)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else { throw place }
    return scalar
  }

  private mutating func hexDigits(_ count: Int) throws(SyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let byte = peek(), let digit = Self.hexValue(byte) else {
        throw error("expected \(count) hexadecimal digits, found \(nextCharacter)")
      }
      value = value * 16 + digit
      advance()
    }
    return value
  }

  // MARK: Numbers

  mutating func number() throws(SyntaxError) -> SpecValue.Content {
    let start = index
    let place = error("this is not a number")
    let negative = peek() == UInt8(ascii: "-")
    if negative || peek() == UInt8(ascii: "+") { advance() }
    if let next = peek(), next == UInt8(ascii: "I") || next == UInt8(ascii: "N") {
      switch try identifier() {
      case "Infinity": return .number(negative ? -.infinity : .infinity)
      case "NaN": return .number(.nan)
      default: throw place
      }
    }
    if peek() == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
      advance(by: 2)
      return try hexNumber(negative: negative, place: place)
    }
    let first = index
    let whole = skipDigits()
    if whole > 1, text(first..<first + 1) == "0" {
      throw SyntaxError(
        message: "a number does not begin with 0", line: place.line, column: place.column)
    }
    var isInteger = true
    var fraction = 0
    if peek() == UInt8(ascii: ".") {
      isInteger = false
      advance()
      fraction = skipDigits()
    }
    guard whole + fraction > 0 else { throw place }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      isInteger = false
      advance()
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { advance() }
      guard skipDigits() > 0 else { throw place }
    }
    if let (scalar, _) = nextScalar(), Self.continuesName(scalar) { throw place }
    var digits = text(start..<index)
    if isInteger, let value = Int(digits) { return .integer(value) }
    // The standard library reads neither a leading nor a trailing point.
    if let point = digits.firstIndex(of: ".") {
      let after = digits.index(after: point)
      if after == digits.endIndex || !digits[after].isNumber {
        digits.insert("0", at: after)
      }
      if point == digits.startIndex || !digits[digits.index(before: point)].isNumber {
        digits.insert("0", at: point)
      }
    }
    guard let value = Double(digits) else { throw place }
    guard value.isFinite else {
      throw SyntaxError(
        message: "this number is too large", line: place.line, column: place.column)
    }
    return .number(value)
  }

  private mutating func hexNumber(
    negative: Bool, place: SyntaxError
  ) throws(SyntaxError) -> SpecValue.Content {
    let start = index
    while let byte = peek(), Self.hexValue(byte) != nil { advance() }
    guard index > start else { throw place }
    if let (scalar, _) = nextScalar(), Self.continuesName(scalar) { throw place }
    let digits = text(start..<index)
    if let value = Int((negative ? "-" : "") + digits, radix: 16) { return .integer(value) }
    var value = 0.0
    for byte in digits.utf8 { value = value * 16 + Double(Self.hexValue(byte) ?? 0) }
    guard value.isFinite else {
      throw SyntaxError(
        message: "this number is too large", line: place.line, column: place.column)
    }
    return .number(negative ? -value : value)
  }

  private mutating func skipDigits() -> Int {
    let start = index
    while let byte = peek(), Self.isDigit(byte) { advance() }
    return index - start
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
