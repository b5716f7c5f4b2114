// Quotes and escapes are taken out of the fields of a complete record in place. The bytes left over at a
// field's end become quotes, so that no line feed is counted twice when a place is computed.

extension RecordParser {
  /// Replaces each doubled quote of the present record by one.
  mutating func joinDoubled(_ base: UnsafeMutablePointer<UInt8>) {
    for number in doubled { rewrite(base, number, joinsQuotes: true) }
    doubled.removeAll(keepingCapacity: true)
  }

  /// Drops the escapes of some fields, and joins doubled quotes. An escape counts before a byte that it
  /// makes text; before any other both stay, so that `\N` can be a marker of missing values.
  ///
  /// - Returns: How many line feeds were escaped.
  mutating func dropEscapes(_ base: UnsafeMutablePointer<UInt8>, _ fields: Range<Int>) -> Int {
    var feeds = 0
    var nextDoubled = 0
    for number in fields {
      let isDoubled = nextDoubled < doubled.count && doubled[nextDoubled] == number
      if isDoubled { nextDoubled += 1 }
      let (start, end) = (Int(bounds[number].start), Int(bounds[number].end))
      let field = UnsafeBufferPointer(
        start: UnsafePointer(base) + start, count: max(0, end - start))
      if isDoubled || field.contains(escape) {
        feeds += rewrite(base, number, joinsQuotes: isDoubled)
      }
    }
    doubled.removeAll(keepingCapacity: true)
    return feeds
  }

  /// - Returns: How many line feeds were escaped.
  @discardableResult
  private func rewrite(
    _ base: UnsafeMutablePointer<UInt8>, _ number: Int, joinsQuotes: Bool
  ) -> Int {
    var read = Int(bounds[number].start)
    var write = read
    let end = Int(bounds[number].end)
    var feeds = 0
    while read < end {
      if escape != 0, base[read] == escape, read + 1 < end, isEscapable(base[read + 1]) {
        read += 1
        if base[read] == 13, read + 1 < end, base[read + 1] == 10 {
          base[write] = 13
          write += 1
          read += 1
        }
        feeds += base[read] == 10 ? 1 : 0
        base[write] = base[read]
        read += 1
      } else {
        base[write] = base[read]
        read += joinsQuotes && base[read] == quote ? 2 : 1
      }
      write += 1
    }
    bounds[number].end = UInt32(truncatingIfNeeded: write)
    while write < end {
      base[write] = quote
      write += 1
    }
    return feeds
  }

  private func isEscapable(_ byte: UInt8) -> Bool {
    byte == delimiter || byte == escape || byte == 10 || byte == 13 || (byte == quote && quote != 0)
  }
}
