import Schema

/// Rows by group, for batches that keep the rows of a group together. A row in no group is a group of
/// its own.
package struct RowGroups: Sendable {
  /// Group by group in the order of their first rows; the rows of a group in their own order.
  private let rows: [Int32]
  /// Where each group begins in `rows`, and the end of the last one.
  private let starts: [Int]

  /// The groups of some rows of a source, which has the feed `group`. Takes time and memory in proportion
  /// to the rows. Throws what keeps them from being read.
  package init(_ source: any BatchSource, rows: [Int32]) throws {
    var groups: [Int] = []
    groups.reserveCapacity(rows.count)
    var known: [UInt64: Int] = [:]
    var sizes: [Int] = []
    try Self.forEachNumber(source, rows) { number in
      let group = number == GroupedArea.noGroup ? sizes.count : known[number] ?? sizes.count
      if group == sizes.count {
        sizes.append(0)
        if number != GroupedArea.noGroup { known[number] = group }
      }
      sizes[group] += 1
      groups.append(group)
    }
    var starts = [0]
    for size in sizes { starts.append(starts[starts.count - 1] + size) }
    var next = starts
    var sorted = [Int32](repeating: 0, count: rows.count)
    for (row, group) in zip(rows, groups) {
      sorted[next[group]] = row
      next[group] += 1
    }
    self.rows = sorted
    self.starts = starts
  }

  package var count: Int { starts.count - 1 }

  private func group(_ number: Int) -> Range<Int> { starts[number]..<starts[number + 1] }

  /// How many groups have more rows than a batch, and the rows of the largest group.
  package func cut(batchSize: Int) -> (groups: Int, largest: Int) {
    (0..<count).reduce(into: (0, 0)) { result, number in
      let size = group(number).count
      if size > batchSize { result.0 += 1 }
      result.1 = max(result.1, size)
    }
  }

  /// The rows of an epoch, in batches of whole groups as far as these fit; a larger group is cut into
  /// batches of its own, and what is left of it begins another one.
  /// - Parameter shuffle: How the groups are shuffled; nil leaves them in their order.
  package func order(epoch: Int, _ shuffle: Shuffle?, batchSize: Int) -> EpochOrder {
    let batchSize = max(1, batchSize)
    let numbers =
      shuffle?.permutation(epoch: epoch, count: count).map { Int($0) } ?? Array(0..<count)
    var order: [Int32] = []
    order.reserveCapacity(rows.count)
    var ends: [Int] = []
    var start = 0
    for number in numbers {
      let members = group(number)
      if order.count > start, order.count + members.count > start + batchSize {
        ends.append(order.count)
        start = order.count
      }
      order += rows[members]
      while order.count > start + batchSize {
        start += batchSize
        ends.append(start)
      }
    }
    if order.count > start { ends.append(order.count) }
    return EpochOrder(order, batchEnds: ends)
  }

  /// The number of each row's group.
  private static func forEachNumber(
    _ source: any BatchSource, _ rows: [Int32], _ body: (UInt64) -> Void
  ) throws {
    let most = 1024
    var cells = [UInt64](repeating: 0, count: most)
    for start in stride(from: 0, to: rows.count, by: most) {
      let batch = rows[start..<min(start + most, rows.count)]
      try cells.withUnsafeMutableBytes { cells in
        let destinations = source.feeds.map {
          $0.name == FeedLayout.group ? cells.baseAddress : nil
        }
        try Array(batch).withUnsafeBufferPointer { try source.copyRows($0, into: destinations) }
      }
      for number in cells[..<batch.count] { body(number) }
    }
  }
}
