/// A key that a section of a spec takes: what its value may be, what it is without one, and what it
/// means. Decoding, the checks and the reference text all come from these definitions.
package protocol AnySpecKey: Sendable {
  var name: String { get }
  /// The values it takes, in words: `integer from 1 to 65536`.
  var type: String { get }
  /// Its value when it is absent, in words; nil when there is none.
  var defaultText: String? { get }
  var isRequired: Bool { get }
  var documentation: String { get }
}

/// A key whose value decodes to `Value`.
public struct SpecKey<Value: Sendable>: AnySpecKey {
  public var name: String
  public var type: String
  package var defaultText: String?
  package var isRequired: Bool
  public var documentation: String
  /// What an absent (or wrong, and then reported) value decodes to.
  package var fallback: Value
  /// Decodes and checks a value; reports what is wrong with it and answers nil.
  package var decode: @Sendable (SpecNode) -> Value?

  package init(
    _ name: String, type: String, default defaultText: String?, required: Bool = false,
    _ documentation: String, fallback: Value, decode: @escaping @Sendable (SpecNode) -> Value?
  ) {
    self.name = name
    self.type = type
    self.defaultText = defaultText
    isRequired = required
    self.documentation = documentation
    self.fallback = fallback
    self.decode = decode
  }

  /// The same key, absent when it is not given.
  package func optional(_ whenAbsent: String? = nil) -> SpecKey<Value?> {
    let decode = decode
    return SpecKey<Value?>(
      name, type: type, default: whenAbsent, documentation, fallback: nil,
      decode: { node in decode(node).map { .some($0) } })
  }

  /// The same key, and an error when it is not given.
  package func required() -> SpecKey<Value> {
    var key = self
    key.isRequired = true
    key.defaultText = nil
    return key
  }
}

/// A value of the spec on its way through decoding: the value, its key path, and where findings go.
package struct SpecNode {
  package let value: SpecValue
  package let path: String
  package let diagnostics: SpecDiagnostics

  package init(_ value: SpecValue, path: String, _ diagnostics: SpecDiagnostics) {
    self.value = value
    self.path = path
    self.diagnostics = diagnostics
  }

  package func report(_ message: String) {
    diagnostics.report(message, at: value.location, path: path)
  }

  /// Reports a value of the wrong kind and answers nil.
  func mismatch<T>(_ expected: String) -> T? {
    report("expected \(expected), found \(value.kindName)")
    return nil
  }

  func child(_ index: Int, _ value: SpecValue) -> SpecNode {
    SpecNode(value, path: "\(path)[\(index)]", diagnostics)
  }

  // MARK: Checked values

  func string() -> String? {
    if case .string(let text) = value.content { return text }
    return mismatch("a string")
  }

  /// A string, or a number or truth value as the text of a cell.
  func cellText() -> String? {
    switch value.content {
    case .string(let text): return text
    case .integer(let number): return String(number)
    case .number(let number): return "\(number)"
    case .bool, .null, .array, .object: return mismatch("a string")
    }
  }

  func boolean() -> Bool? {
    if case .bool(let truth) = value.content { return truth }
    return mismatch("true or false")
  }

  func integer(in range: ClosedRange<Int>) -> Int? {
    let whole: Int? =
      switch value.content {
      case .integer(let number): number
      case .number(let number): Int(exactly: number)
      case .null, .bool, .string, .array, .object: nil
      }
    guard let whole, range.contains(whole) else { return mismatch(describe(range)) }
    return whole
  }

  func number(_ bounds: NumberBounds) -> Double? {
    let number: Double? =
      switch value.content {
      case .integer(let number): Double(number)
      case .number(let number): number
      case .null, .bool, .string, .array, .object: nil
      }
    guard let number, bounds.contains(number) else { return mismatch(bounds.description) }
    return number
  }

  /// A list, or a single element that stands for a list of one.
  func list<Element>(_ element: (SpecNode) -> Element?) -> [Element]? {
    guard let elements = value.elements else { return element(self).map { [$0] } }
    let decoded = elements.enumerated().map { element(child($0.offset, $0.element)) }
    let complete = decoded.compactMap { $0 }
    return complete.count == decoded.count ? complete : nil
  }
}

func describe(_ range: ClosedRange<Int>) -> String {
  "an integer from \(range.lowerBound) to \(range.upperBound)"
}

/// What a number may be. Infinite and undefined numbers never are.
package struct NumberBounds: Sendable, CustomStringConvertible {
  package var lower: Double?
  package var lowerIncluded = true
  package var upper: Double?
  package var upperIncluded = true

  package static let any = NumberBounds()
  package static let positive = NumberBounds(lower: 0, lowerIncluded: false)
  package static let notNegative = NumberBounds(lower: 0)
  /// 0 ≤ x < 1.
  package static let share = NumberBounds(lower: 0, upper: 1, upperIncluded: false)
  /// 0 ≤ x ≤ 1.
  package static let closedShare = NumberBounds(lower: 0, upper: 1)
  /// 0 < x ≤ 1.
  package static let positiveShare = NumberBounds(lower: 0, lowerIncluded: false, upper: 1)

  func contains(_ number: Double) -> Bool {
    guard number.isFinite else { return false }
    if let lower, lowerIncluded ? number < lower : number <= lower { return false }
    if let upper, upperIncluded ? number > upper : number >= upper { return false }
    return true
  }

  package var description: String {
    var parts: [String] = []
    if let lower {
      parts.append("\(lowerIncluded ? "at least" : "greater than") \(shortText(lower))")
    }
    if let upper { parts.append("\(upperIncluded ? "at most" : "less than") \(shortText(upper))") }
    return parts.isEmpty ? "a finite number" : "a number \(parts.joined(separator: " and "))"
  }
}

/// A number without a needless `.0`.
func shortText(_ number: Double) -> String {
  if let whole = Int(exactly: number), whole.magnitude < 1_000_000_000 { return String(whole) }
  return "\(number)"
}
