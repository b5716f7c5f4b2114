import Schema

extension SpecValue {
  /// The value as canonical JSON: one line, members in the order of the file, shortest numbers that
  /// read back to the same value. Infinite and undefined numbers, which JSON lacks, are written as
  /// JSON5 writes them.
  package var json: String {
    switch content {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value):
      value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
    case .string(let value): value.quotedAsJSON
    case .array(let elements): "[\(elements.map(\.json).joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\($0.key.quotedAsJSON):\($0.value.json)" }.joined(separator: ","))}"
    }
  }
}
