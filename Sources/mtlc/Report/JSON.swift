/// A JSON document whose keys keep their order.
indirect enum JSON {
  case object([(String, JSON)])
  case array([JSON])
  case string(String)
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case null

  static func optional(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
  static func strings(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }

  /// Indented by two spaces. Numbers that are not finite become null: JSON has none.
  var text: String {
    var out = ""
    write(to: &out, indent: "")
    return out + "\n"
  }

  private func write(to out: inout String, indent: String) {
    switch self {
    case .object(let members):
      Self.block("{", "}", members, &out, indent) { member, inner in
        Self.quote(member.0, to: &inner.0)
        inner.0 += ": "
        member.1.write(to: &inner.0, indent: inner.1)
      }
    case .array(let items):
      Self.block("[", "]", items, &out, indent) { item, inner in
        item.write(to: &inner.0, indent: inner.1)
      }
    case .string(let text): Self.quote(text, to: &out)
    case .integer(let value): out += String(value)
    case .number(let value): out += value.isFinite ? "\(value)" : "null"
    case .bool(let value): out += value ? "true" : "false"
    case .null: out += "null"
    }
  }

  private static func block<Item>(
    _ open: String, _ close: String, _ items: [Item], _ out: inout String, _ indent: String,
    _ body: (Item, inout (String, String)) -> Void
  ) {
    guard !items.isEmpty else {
      out += open + close
      return
    }
    out += open + "\n"
    for (index, item) in items.enumerated() {
      var inner = ("", indent + "  ")
      body(item, &inner)
      out += inner.1 + inner.0 + (index == items.count - 1 ? "\n" : ",\n")
    }
    out += indent + close
  }

  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + digits.leftPadding(to: 4).replacing(" ", with: "0")
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
