/// Ranges of column names: `x0..x498` stands for x0, x1, … x498; `I01..I13` keeps the zeros.
enum ColumnRange {
  /// The names that a list of names and ranges stands for; reports empty and double names.
  static func expand(_ node: SpecNode) -> [String]? {
    guard let parts = node.list({ expandOne($0) }) else { return nil }
    let names = parts.flatMap { $0 }
    guard names.count <= SpecLimits.features else {
      node.report("stands for \(names.count) columns, at most \(SpecLimits.features) are possible")
      return nil
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      node.report("the column \(quoted(name)) is named twice")
      return nil
    }
    return names
  }

  private static func expandOne(_ node: SpecNode) -> [String]? {
    guard let text = node.string() else { return nil }
    guard !text.isEmpty else {
      node.report("must not be empty")
      return nil
    }
    guard let dots = text.firstRange(of: "..") else { return [text] }
    let first = String(text[..<dots.lowerBound])
    let last = String(text[dots.upperBound...])
    guard let (prefix, start, width) = split(first), let (other, end, _) = split(last),
      prefix == other, start <= end
    else {
      node.report(
        "the range \(quoted(text)) needs the same name at both ends, with rising numbers, as in"
          + " \"x0..x9\"")
      return nil
    }
    guard end - start < SpecLimits.features else {
      node.report("the range is longer than \(SpecLimits.features)")
      return nil
    }
    return (start...end).map { number in
      let digits = String(number)
      return prefix + String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
  }

  /// A name's letters, its final number, and the digits of that when it begins with 0, else 0.
  private static func split(_ name: String) -> (prefix: String, number: Int, width: Int)? {
    let digits = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
    guard !digits.isEmpty, digits.count <= 9, let number = Int(digits) else { return nil }
    let width = digits.hasPrefix("0") && digits.count > 1 ? digits.count : 0
    return (String(name.dropLast(digits.count)), number, width)
  }
}
