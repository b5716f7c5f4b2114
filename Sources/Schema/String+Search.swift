// Search for a text in a text, byte by byte as UTF-8: names and marks of files are the same where their bytes are.
// The standard library's own search compares characters, and is part of its parser of regular expressions.

extension StringProtocol {
  /// Where `text` stands first; nil where it does not, or is empty.
  package func place(of text: String) -> Range<Index>? {
    let wanted = text.utf8
    guard let first = wanted.first else { return nil }
    var start = utf8.startIndex
    while let found = utf8[start...].firstIndex(of: first) {
      let rest = utf8[found...]
      if rest.starts(with: wanted) {
        return found..<utf8.index(found, offsetBy: wanted.count)
      }
      start = utf8.index(after: found)
    }
    return nil
  }

  /// Whether `text`, which is not empty, stands somewhere.
  package func includes(_ text: String) -> Bool { place(of: text) != nil }

  /// The text with `other` wherever `text` stands, from the left.
  package func substituting(_ text: String, by other: String) -> String {
    var (result, rest) = ("", self[...])
    while let range = rest.place(of: text) {
      result += rest[..<range.lowerBound]
      result += other
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
