import Schema

/// The value of `data.validation_split`.
public enum HeldBackRows: Sendable, Hashable {
  case random
  case last
  case column(ValidationColumn)

  var split: ValidationSplit {
    switch self {
    case .random: .random
    case .last: .last
    case .column: .column
    }
  }

  var column: ValidationColumn? {
    if case .column(let column) = self { column } else { nil }
  }

  private static let column = SpecKey.name("column", "The column that decides.").required()
  private static let from = SpecKey<ValidationColumn.Bound>(
    "from", type: "number or string", default: nil, required: true,
    "Rows from this value on are held back.", fallback: .number(0)
  ) { node in
    switch node.value.content {
    case .integer(let number): .number(Double(number))
    case .number(let number) where number.isFinite: .number(number)
    case .string(let text): .text(text)
    case .null, .bool, .number, .array, .object: node.mismatch("a number or a string")
    }
  }
  private static let section = SpecSection(
    "data.validation_split", "Holds back rows by the value of a column.", keys: [column, from])

  fileprivate static func decode(_ node: SpecNode) -> HeldBackRows? {
    if case .string(let text) = node.value.content {
      switch text {
      case "random": return .random
      case "last": return .last
      default:
        node.report(
          "unknown validation_split \(quoted(text)); \(suggestion(for: text, among: ["random", "last"]))"
        )
        return nil
      }
    }
    guard node.value.members != nil else {
      return node.mismatch("\"random\", \"last\" or { column, from }")
    }
    guard let section = SectionReader(node, section) else { return nil }
    return .column(
      ValidationColumn(column: section[column], from: section[from]))
  }
}

extension SpecKey where Value == HeldBackRows {
  static func heldBackRows(_ name: String, _ documentation: String) -> Self {
    SpecKey(
      name, type: "\"random\" or \"last\" or an object with `column` and `from`",
      default: quoted("random"), documentation, fallback: .random,
      decode: { HeldBackRows.decode($0) })
  }
}
