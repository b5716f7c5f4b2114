/// A metric's value, or why it has none.
public enum MetricValue: Sendable, Hashable, CustomStringConvertible {
  case value(Double)
  /// As `only one class in 500 rows`.
  case undefined(reason: String)

  public var value: Double? {
    if case .value(let value) = self { value } else { nil }
  }

  public var reason: String? {
    if case .undefined(let reason) = self { reason } else { nil }
  }

  /// Five decimals, or `n/a (reason)`.
  public var description: String {
    switch self {
    case .value(let value):
      let scaled = (value * 1e5).rounded() / 1e5
      return "\(scaled)"
    case .undefined(let reason): return "n/a (\(reason))"
    }
  }
}
