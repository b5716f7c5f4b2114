/// Numbers as people read them.
package enum Format {
  /// A fixed number of decimals; from 10¹² on as `1.23457e+24`.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    return value.magnitude < 1e12 ? printed("%.\(decimals)f", value) : plain(value)
  }

  /// `1.2e-05`.
  package static func scientific(_ value: Double) -> String {
    value == 0 ? "0" : printed("%.1e", value)
  }

  /// `12,345`.
  package static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)[...]
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    groups.insert(digits, at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// `1 epoch`, `12,345 epochs`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// `412k`, `1.2M`.
  package static func short(_ value: Double) -> String {
    switch value {
    case ..<1000: fixed(value, 0)
    case ..<100_000: fixed(value / 1e3, 1) + "k"
    case ..<1_000_000: fixed(value / 1e3, 0) + "k"
    case ..<1e9: fixed(value / 1e6, 1) + "M"
    default: fixed(value / 1e9, 1) + "G"
    }
  }

  /// `3.2 MiB`.
  package static func bytes(_ value: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var number = Double(value)
    var unit = 0
    while number >= 1024, unit < units.count - 1 {
      number /= 1024
      unit += 1
    }
    return unit == 0 ? "\(value) B" : fixed(number, number < 10 ? 1 : 0) + " " + units[unit]
  }

  /// `0:07`, `1:02:03`.
  package static func time(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    let tail = twoDigits(rest)
    return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(tail)" : "\(minutes):\(tail)"
  }

  package static func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

  /// A number in at most six significant digits.
  package static func plain(_ value: Double) -> String { printed("%.6g", value) }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  /// A number in a format of the C library's `printf`.
  private static func printed(_ format: String, _ value: Double) -> String {
    withVaList([value]) { arguments in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
        let count = vsnprintf(text.baseAddress, text.count, format, arguments)
        return String(
          decoding: text.prefix(max(0, min(Int(count), text.count - 1))).map {
            UInt8(bitPattern: $0)
          }, as: UTF8.self)
      }
    }
  }
}
