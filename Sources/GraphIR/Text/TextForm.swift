/// How names and numbers are written in the text form.
enum TextForm {
  /// Whether a byte may stand in a name that is not quoted.
  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "/"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Whether a byte may begin a word (mnemonics, keywords, output names).
  static func isWordStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// A name that follows `@` or `$`, quoted where it needs to be. Two slashes begin a comment.
  static func name(_ name: String) -> String {
    let bare =
      !name.isEmpty && name.utf8.allSatisfy(isNameByte) && !name.utf8.elementsAreCommentLike
    return bare ? name : quoted(name)
  }

  /// A name without a sigil: the name of an output.
  static func word(_ name: String) -> String {
    guard let first = name.utf8.first, isWordStart(first) else { return quoted(name) }
    return self.name(name)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// The shortest text that reads as the same number.
  static func number(_ value: Double) -> String { value.isNaN ? "nan" : value.description }
}

extension String.UTF8View {
  fileprivate var elementsAreCommentLike: Bool {
    zip(self, dropFirst()).contains { $0 == UInt8(ascii: "/") && $1 == UInt8(ascii: "/") }
  }
}
