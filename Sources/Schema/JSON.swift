/// What a JSON document can hold.
package protocol JSONConvertible {
  var json: JSON { get }
}

/// A JSON document whose keys keep their order. Objects are written as literals of whatever converts;
/// nil becomes null:
///
///     ["name": report.name, "mean": label.mean, "steps": report.steps.map(json)]
package indirect enum JSON: JSONConvertible, ExpressibleByDictionaryLiteral {
  case object([(String, JSON)])
  case array([JSON])
  case string(String)
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case null
  /// JSON that was written before.
  case literal(String)

  package init(dictionaryLiteral members: (String, (any JSONConvertible)?)...) {
    self = .object(members.map { ($0, $1?.json ?? .null) })
  }

  /// An object with a member for each item.
  package static func object<Item>(_ items: [Item], _ member: (Item) -> (String, JSON)) -> JSON {
    .object(items.map(member))
  }

  /// The members of both, those of the second behind; nil adds none.
  package static func + (first: JSON, second: JSON?) -> JSON {
    guard case .object(let members) = first, case .object(let more)? = second else { return first }
    return .object(members + more)
  }

  package var json: JSON { self }

  /// Indented by two spaces. Numbers that are not finite become null: JSON has none.
  package var text: String { text(indent: "") + "\n" }

  private func text(indent: String) -> String {
    let inner = indent + "  "
    func block(_ open: String, _ items: [String], _ close: String) -> String {
      items.isEmpty
        ? open + close
        : "\(open)\n\(inner)\(items.joined(separator: ",\n\(inner)"))\n\(indent)\(close)"
    }
    switch self {
    case .object(let members):
      return block(
        "{", members.map { "\($0.0.quotedAsJSON): \($0.1.text(indent: inner))" }, "}")
    case .array(let items): return block("[", items.map { $0.text(indent: inner) }, "]")
    case .string(let text): return text.quotedAsJSON
    case .integer(let value): return "\(value)"
    case .number(let value): return value.isFinite ? "\(value)" : "null"
    case .bool(let value): return "\(value)"
    case .null: return "null"
    case .literal(let text): return text
    }
  }
}

extension String: JSONConvertible { package var json: JSON { .string(self) } }
extension Int: JSONConvertible { package var json: JSON { .integer(self) } }
extension Double: JSONConvertible { package var json: JSON { .number(self) } }
extension Bool: JSONConvertible { package var json: JSON { .bool(self) } }
extension Array: JSONConvertible where Element: JSONConvertible {
  package var json: JSON { .array(map(\.json)) }
}
