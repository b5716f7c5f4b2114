import CMtlc
import Experiments

/// What a `mtlc_predictor` is: a predictor, with room for what its calls are given.
final class PredictorHandle {
  let predictor: RowPredictor
  private let columnNames: [String]
  private let feedInfos: [ServingPlan.Feed]
  /// Room for the columns of a call.
  private let values: UnsafeMutableBufferPointer<ColumnValues>
  /// By feed the values of the present call.
  private var feeds: [UnsafeRawPointer?]

  init(_ serving: ServingPlan) throws(ExperimentError) {
    predictor = try serving.makePredictor()
    columnNames = serving.columns
    feedInfos = serving.feeds
    feeds = Array(repeating: nil, count: serving.feeds.count)
    values = .allocate(capacity: serving.columns.count)
  }

  deinit { values.deallocate() }

  func predict(
    _ columns: UnsafePointer<mtlc_column>, count: Int, rows: Int,
    into predictions: UnsafeMutablePointer<Float>
  ) throws(ExperimentError) {
    guard 0...columnNames.count ~= count else {
      throw Arguments.error(
        "column_count is \(UInt(bitPattern: count)): the plan has \(columnNames.count) columns")
    }
    var next = UnsafeRawPointer(columns)
    let size = count > 0 ? columns.pointee.size : 0
    for k in 0..<count {
      let column = next.assumingMemoryBound(to: mtlc_column.self)
      try require(column.pointee.size, MemoryLayout<mtlc_column>.size, first: size, "columns")
      values.initializeElement(at: k, to: try given(column, rows: rows))
      next += size
    }
    try predictor.predict(
      UnsafeBufferPointer(rebasing: values[..<count]), rows: rows, into: predictions)
  }

  /// Throws for a size that no version of a struct has, or that is not that of the first in the array.
  @inline(__always)
  private func require(
    _ size: Int, _ known: Int, first: Int, _ name: StaticString
  ) throws(ExperimentError) {
    guard size >= known, size == first, size % MemoryLayout<Int>.alignment == 0, size < 1 << 16
    else {
      throw Arguments.error(
        "a size in \(name) is \(UInt(bitPattern: size)): set each to sizeof \(name)[0]")
    }
  }

  @inline(__always)
  private func given(
    _ place: UnsafePointer<mtlc_column>, rows: Int
  ) throws(ExperimentError) -> ColumnValues {
    let column = place.pointee
    guard columnNames.indices.contains(column.column) else {
      throw Arguments.error(
        "there is no column \(UInt(bitPattern: column.column)): the plan has \(columnNames.count)")
    }
    let missing = try Arguments.optional(column.missing, "columns[].missing")
    // Lists that are all empty need no values.
    let isEmpty = column.offsets != nil && column.count == 0 && column.values == nil
    if column.type == UInt32(MTLC_MISSING) || isEmpty {
      return ColumnValues(column: column.column, values: .missing, count: rows)
    }
    let offsets = try Arguments.optional(column.offsets, "columns[].offsets")
    guard column.count >= 0, offsets != nil || column.count == rows else {
      throw Arguments.error(
        "column \"\(columnNames[column.column])\" has \(UInt(bitPattern: column.count)) values for"
          + " \(rows) rows")
    }
    let weights = try Arguments.optional(column.weights, "columns[].weights")
    guard weights == nil || offsets != nil else {
      throw Arguments.error(
        "column \"\(columnNames[column.column])\" has weights, which only lists have: offsets is null"
      )
    }
    return ColumnValues(
      column: column.column, values: try values(column), count: column.count, isMissing: missing,
      lists: offsets.map { ColumnValues.Lists(offsets: $0, weights: weights) })
  }

  @inline(__always)
  private func values(_ column: mtlc_column) throws(ExperimentError) -> ColumnValues.Values {
    switch column.type {
    case UInt32(MTLC_NUMBERS):
      return .numbers(try Arguments.values(column.values, as: Double.self, "columns[].values"))
    case UInt32(MTLC_INTEGERS):
      return .integers(try Arguments.values(column.values, as: Int64.self, "columns[].values"))
    case UInt32(MTLC_TEXTS):
      return .texts(
        try Arguments.values(
          column.values, as: UnsafePointer<CChar>?.self, "columns[].values"),
        lengths: try Arguments.optional(column.lengths, "columns[].lengths"))
    default:
      throw Arguments.error(
        "column \"\(columnNames[column.column])\" has the type \(column.type): it is MTLC_MISSING,"
          + " MTLC_NUMBERS, MTLC_INTEGERS or MTLC_TEXTS")
    }
  }

  func predict(
    feeds given: UnsafePointer<mtlc_feed>, count: Int, rows: Int,
    into predictions: UnsafeMutablePointer<Float>
  ) throws(ExperimentError) {
    guard count == feeds.count else {
      throw Arguments.error(
        "feed_count is \(UInt(bitPattern: count)): the plan reads \(feeds.count) feeds")
    }
    for k in feeds.indices { feeds[k] = nil }
    var next = UnsafeRawPointer(given)
    let size = count > 0 ? given.pointee.size : 0
    for _ in 0..<count {
      let feed = next.assumingMemoryBound(to: mtlc_feed.self).pointee
      try require(feed.size, MemoryLayout<mtlc_feed>.size, first: size, "feeds")
      guard feeds.indices.contains(feed.feed), feeds[feed.feed] == nil else {
        throw Arguments.error(
          "feed \(UInt(bitPattern: feed.feed)) is given twice, or is none of the \(feeds.count)")
      }
      let info = feedInfos[feed.feed]
      let (expected, overflow) = rows.multipliedReportingOverflow(by: info.width)
      guard !overflow, feed.count == expected else {
        throw Arguments.error(
          "feed \"\(info.name)\" has \(UInt(bitPattern: feed.count)) values: \(rows) rows have"
            + " \(info.width) each")
      }
      feeds[feed.feed] = UnsafeRawPointer(
        try Arguments.values(feed.values, as: Int32.self, "feeds[].values"))
      next += size
    }
    try predictor.predict(feeds: feeds.compactMap { $0 }, rows: rows, into: predictions)
  }
}
