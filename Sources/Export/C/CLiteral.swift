import Schema

/// Values as C writes them.
enum CLiteral {
  /// The shortest decimal number that is read as this float.
  static func float(_ value: Float) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value > 0 ? "INFINITY" : "-INFINITY" }
    return value.description + "f"
  }

  /// The shortest decimal number that is read as this double.
  static func double(_ value: Double) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value > 0 ? "INFINITY" : "-INFINITY" }
    return value.description
  }

  /// A string in quotes. Bytes that are no printable ASCII are escaped, and `?`, which could begin a
  /// trigraph.
  static func string(_ bytes: [UInt8]) -> String {
    // Longer literals than a compiler must take are written byte by byte.
    if bytes.count > 4000 {
      let numbers = bytes.map { "'\\" + String($0, radix: 8) + "'" }
      return "(const char[]){\(numbers.joined(separator: ",")),0}"
    }
    var literal = "\""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"):
        literal += "\\" + String(UnicodeScalar(byte))
      case 0x20...0x7E: literal += String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 8)
        literal += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return literal + "\""
  }

  static func string(_ text: String) -> String { string(Array(text.utf8)) }

  /// A character constant.
  static func character(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\\"): "'\\" + String(UnicodeScalar(byte)) + "'"
    case 0x20...0x7E: "'" + String(UnicodeScalar(byte)) + "'"
    case 9: "'\\t'"
    default: "'\\x" + String(byte, radix: 16) + "'"
    }
  }

  /// A text for a comment: printable, without what ends it or what compilers warn of there.
  static func comment(_ text: String) -> String {
    let printable = MessageText.printable(text).replacing("*/", with: "* /")
      .replacing("/*", with: "/ *").replacing("\\", with: "/").replacing("??", with: "? ?")
    return String(
      printable.unicodeScalars.map {
        $0.properties.generalCategory == .format ? "?" : Character($0)
      })
  }
}
