import Schema

/// Texts that tools write where there is no value. In a column they are words as any other unless
/// `data.missing` declares them, which is seldom meant.
enum UsualMarkers {
  static let texts: [String] =
    ["", "?", "-", "--", "\\N", "(null)", "<NA>", "<na>", "#N/A", "NaN", "NaT", "N/A", "n/a"]
    + ["nan", "na", "null", "none", "nil", "undefined"].flatMap {
      [$0, $0.uppercased(), $0.prefix(1).uppercased() + $0.dropFirst()]
    }
  private static let list = TextList(texts)

  /// Whether a text is one; decided by its first byte for most.
  @inline(__always)
  static func contains(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    guard field.count <= 9 else { return false }
    guard let first = field.first else { return true }
    switch first | 0x20 {
    case UInt8(ascii: "n"), UInt8(ascii: "u"), UInt8(ascii: "?"), UInt8(ascii: "-"),
      UInt8(ascii: "("), UInt8(ascii: "<"), UInt8(ascii: "#"), UInt8(ascii: "\\") | 0x20:
      return list.contains(field)
    default: return false
    }
  }

  /// What to write into the spec so that a text counts as missing.
  static func hint(_ text: String) -> String {
    "if it means \"no value\", add \"\(text)\" to data.missing"
  }
}

extension FeatureStatistics {
  /// Those of the texts that occur.
  static func usualMarkers(_ count: (String) -> Int) -> [TextCount] {
    UsualMarkers.texts.compactMap { text in
      let found = count(text)
      return found > 0 ? TextCount(text: text, count: found) : nil
    }
  }
}
