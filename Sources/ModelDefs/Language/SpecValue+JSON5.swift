import Schema

extension SpecValue {
  /// The value as JSON5 for people: keys without quotes where they need none, an object or a list on one
  /// line where it fits into 100 columns.
  package var json5: String { json5(indent: 0, before: 0) }

  /// - Parameters:
  ///   - indent: Columns that lines behind the first begin with.
  ///   - before: Columns that are taken on the first line, before and behind.
  private func json5(indent: Int, before: Int) -> String {
    let line = line
    if before + line.count <= 100 { return line }
    let margin = String(repeating: " ", count: indent)
    switch content {
    case .array(let elements):
      let items = elements.map {
        "\(margin)  \($0.json5(indent: indent + 2, before: indent + 3)),\n"
      }
      return "[\n\(items.joined())\(margin)]"
    case .object(let members):
      let items = members.map { member in
        let key = Self.keyText(member.key)
        let taken = indent + key.count + 5
        return "\(margin)  \(key): \(member.value.json5(indent: indent + 2, before: taken)),\n"
      }
      return "{\n\(items.joined())\(margin)}"
    case .null, .bool, .integer, .number, .string: return line
    }
  }

  /// All on one line.
  private var line: String {
    switch content {
    case .array(let elements): "[\(elements.map(\.line).joined(separator: ", "))]"
    case .object(let members) where members.isEmpty: "{}"
    case .object(let members):
      "{ \(members.map { "\(Self.keyText($0.key)): \($0.value.line)" }.joined(separator: ", ")) }"
    case .null, .bool, .integer, .number, .string: json
    }
  }

  private static func keyText(_ key: String) -> String {
    let isName =
      key.first?.isNumber == false
      && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return isName ? key : key.quotedAsJSON
  }
}
