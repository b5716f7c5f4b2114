import Schema

/// Numbers as a page shows them.
package enum NumberText {
  /// A number of decimals, with a minus sign as long as a plus.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else {
      return value.isFinite ? short(value) : "\(value)"
    }
    let text = Format.fixed(abs(value), decimals)
    return value < 0 && text.contains { "123456789".contains($0) } ? "−\(text)" : text
  }

  /// With three digits, no more than tell it: `0.002`, `32`, `1.5e-7`.
  package static func plain(_ value: Double) -> String {
    let size = abs(value)
    guard value != 0, size.isFinite else { return "\(value == 0 ? "0" : "\(value)")" }
    guard size >= 1e-4, size < 1e5 else { return short(value) }
    let digits = max(0, 2 - Int(log10(size).rounded(.down)))
    var text = fixed(value, digits)
    if text.contains(".") {
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    return text
  }

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
