/// A pattern of dates and times in the notation of `strptime`.
package enum TimePattern {
  package enum Item: Sendable, Hashable {
    case text(UInt8)
    case year, shortYear, month, monthName, day, hour, minute, second, fraction, half, zone
  }

  /// What a pattern consists of; nil for one with a letter that is not known.
  package static func items(_ pattern: String) -> [Item]? {
    var items: [Item] = []
    var bytes = pattern.utf8.makeIterator()
    while let byte = bytes.next() {
      guard byte == UInt8(ascii: "%") else {
        items.append(.text(byte))
        continue
      }
      switch bytes.next().map({ Character(UnicodeScalar($0)) }) {
      case "Y": items.append(.year)
      case "y": items.append(.shortYear)
      case "m": items.append(.month)
      case "b": items.append(.monthName)
      case "d": items.append(.day)
      case "H", "I": items.append(.hour)
      case "M": items.append(.minute)
      case "S": items.append(.second)
      case "f": items.append(.fraction)
      case "p": items.append(.half)
      case "z": items.append(.zone)
      case "%": items.append(.text(UInt8(ascii: "%")))
      default: return nil
      }
    }
    return items
  }
}
