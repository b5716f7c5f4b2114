import Schema

/// Numbers as a page shows them.
package enum NumberText {
  /// A number of decimals.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    let scale = pow(10, Double(decimals))
    guard abs(value) < 1e12 else { return short(value) }
    let whole = Int((abs(value) * scale).rounded())
    let sign = value < 0 && whole > 0 ? "−" : ""
    guard decimals > 0 else { return sign + "\(whole)" }
    let divisor = Int(scale)
    let digits = "\(whole % divisor)"
    let zeros = String(repeating: "0", count: max(0, decimals - digits.count))
    return "\(sign)\(whole / divisor).\(zeros)\(digits)"
  }

  /// `23.6 %`.
  package static func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

  /// `1.2k`, `3.4M`, `1.2e-7`.
  package static func short(_ value: Double) -> String {
    let size = abs(value)
    switch size {
    case 0: return "0"
    case ..<1e-3, 1e12...:
      let power = Int(log10(size).rounded(.down))
      return "\(fixed(value / pow(10, Double(power)), 1))e\(power)"
    case ..<1: return fixed(value, 3)
    case ..<1000: return fixed(value, size < 10 ? 2 : size < 100 ? 1 : 0)
    case ..<1e6: return fixed(value / 1e3, 1) + "k"
    case ..<1e9: return fixed(value / 1e6, 1) + "M"
    default: return fixed(value / 1e9, 1) + "G"
    }
  }
}
