import Data
import Schema

/// Rows in which some features have the values of other rows.
final class PermutedRows: BatchSource {
  private let rows: any BatchSource
  /// For each row the row whose values it gets.
  private let order: [Int32]
  /// The feeds that change, each with the columns that do: all of them for a sequence.
  private let columns: [(feed: Int, columns: Range<Int>)]
  /// A batch of each feed that changes.
  private let scratch: [UnsafeMutableRawPointer?]

  var feeds: [FeedLayout.Feed] { rows.feeds }
  var rowCount: Int { rows.rowCount }

  /// - Parameters:
  ///   - features: Places in the schema of the rows.
  ///   - batchRows: The most rows that are copied at a time.
  init(
    _ rows: any BatchSource, _ schema: DataSchema, _ features: [Int], order: [Int32], batchRows: Int
  ) {
    self.rows = rows
    self.order = order
    let layout = FeedLayout(schema)
    columns = features.flatMap {
      Self.columns(layout, $0, schema.features[$0].name)
    }
    let changed = Set(columns.map(\.feed))
    scratch = layout.feeds.enumerated().map { place, feed in
      changed.contains(place)
        ? .allocate(byteCount: max(1, 4 * batchRows * feed.width), alignment: 64) : nil
    }
  }

  deinit { for memory in scratch { memory?.deallocate() } }

  private static func columns(
    _ layout: FeedLayout, _ feature: Int, _ name: String
  ) -> [(feed: Int, columns: Range<Int>)] {
    func feed(_ name: String, _ columns: Range<Int>?) -> (feed: Int, columns: Range<Int>)? {
      layout.feeds.firstIndex { $0.name == name }.map {
        ($0, columns ?? 0..<layout.feeds[$0].width)
      }
    }
    let found: [(feed: Int, columns: Range<Int>)?] =
      switch layout.slots[feature] {
      case .numeric(let column): [feed(FeedLayout.numeric, column..<column + 1)]
      case .vector(let column, let dim): [feed(FeedLayout.numeric, column..<column + dim)]
      case .id(let column): [feed(FeedLayout.ids, column..<column + 1)]
      case .sequence:
        [feed(FeedLayout.sequenceIds(name), nil), feed(FeedLayout.sequenceWeights(name), nil)]
      }
    return found.compactMap { $0 }
  }

  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
  ) throws {
    try self.rows.copyRows(rows, into: destinations)
    let others = rows.map { order[Int($0)] }
    try others.withUnsafeBufferPointer { try self.rows.copyRows($0, into: scratch) }
    for (feed, columns) in columns {
      guard let destination = destinations[feed], let source = scratch[feed] else { continue }
      let (width, bytes) = (feeds[feed].width, 4 * columns.count)
      for row in 0..<rows.count {
        let offset = 4 * (row * width + columns.lowerBound)
        (destination + offset).copyMemory(from: source + offset, byteCount: bytes)
      }
    }
  }
}
