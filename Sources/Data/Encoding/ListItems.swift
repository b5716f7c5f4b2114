/// Finds the items of a cell that holds a list.
struct ListItems {
  let separator: UInt8
  /// Whether brackets around the cell and quotes around items are dropped.
  let brackets: Bool

  /// The places of the items, without spaces around them and without empty ones.
  func find(_ field: UnsafeBufferPointer<UInt8>, into items: inout [Range<Int>]) {
    items.removeAll(keepingCapacity: true)
    guard !brackets else { return findQuoted(field, into: &items) }
    var start = 0
    for position in 0...field.count {
      guard position == field.count || field[position] == separator else { continue }
      let item = Self.trimmed(field, start, position)
      if !item.isEmpty { items.append(item) }
      start = position + 1
    }
  }

  /// As `find`, where there may be brackets and quotes.
  private func findQuoted(_ field: UnsafeBufferPointer<UInt8>, into items: inout [Range<Int>]) {
    let (first, end) = Self.inner(field)
    var start = first
    var position = start
    while start <= end {
      if position == start, let quoted = quoted(field, from: start, to: end) {
        items.append(quoted.item)
        start = quoted.next
        position = start
        continue
      }
      guard position >= end || field[position] == separator else {
        position += 1
        continue
      }
      let item = Self.trimmed(field, start, min(position, end))
      if !item.isEmpty { items.append(item) }
      start = position + 1
      position = start
    }
  }

  /// A quoted item and where the next one starts; nil where the item is not quoted.
  private func quoted(
    _ field: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
  ) -> (item: Range<Int>, next: Int)? {
    var open = start
    while open < end, isSpace(field[open]) { open += 1 }
    guard open < end, field[open] == UInt8(ascii: "'") || field[open] == UInt8(ascii: "\"") else {
      return nil
    }
    var close = open + 1
    while close < end, field[close] != field[open] {
      close += field[close] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard close < end else { return nil }
    var next = close + 1
    while next < end, isSpace(field[next]), field[next] != separator { next += 1 }
    // What stands between the quote and the separator makes it an item without quotes.
    guard next >= end || field[next] == separator else { return nil }
    return (open + 1..<close, next + 1)
  }

  /// The part between brackets, where there are some.
  private static func inner(_ field: UnsafeBufferPointer<UInt8>) -> (Int, Int) {
    let all = trimmed(field, 0, field.count)
    guard all.count >= 2 else { return (all.lowerBound, all.upperBound) }
    let pair = (field[all.lowerBound], field[all.upperBound - 1])
    for (open, close) in ["[]", "()", "{}"].map({ (Array($0.utf8)[0], Array($0.utf8)[1]) })
    where pair == (open, close) {
      return (all.lowerBound + 1, all.upperBound - 1)
    }
    return (all.lowerBound, all.upperBound)
  }

  @inline(__always)
  private static func trimmed(
    _ field: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> Range<Int> {
    var (first, last) = (start, end)
    while first < last, isSpace(field[first]) { first += 1 }
    while last > first, isSpace(field[last - 1]) { last -= 1 }
    return first..<max(first, last)
  }
}
