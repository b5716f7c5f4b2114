import CKernels
import Schema

/// Scales cells of whole rows of the numeric feed, all columns of a row at once.
struct RowScaling {
  private let feed: Int
  private let width: Int
  private let offsets: [Double]
  private let scales: [Double]
  private let missing: [Float]

  /// Nil when no column's cells are to be scaled.
  init?(_ features: [FeatureEncoder]) {
    let columns = features.compactMap { feature in
      if case .number(let encoder) = feature { encoder.scaling() } else { nil }
    }
    guard let first = columns.first?.output else { return nil }
    feed = first.feed
    width = first.width
    // The columns that stay as they are.
    var row = [Normalizer](repeating: Normalizer(missing: .nan), count: width)
    for (output, normalizer) in columns { row[output.offset] = normalizer }
    // Narrow rows some at a time, so that vectors are full.
    let count = width < 64 ? 8 : 1
    let rows = Array(repeatElement(row, count: count).joined())
    offsets = rows.map(\.offset)
    scales = rows.map(\.scale)
    missing = rows.map(\.missing)
  }

  func apply(to rows: Range<Int>, of storage: FeedStorage) {
    let cells = storage.feeds[feed].assumingMemoryBound(to: Float.self) + rows.lowerBound * width
    offsets.withUnsafeBufferPointer { offsets in
      scales.withUnsafeBufferPointer { scales in
        missing.withUnsafeBufferPointer { missing in
          var arguments = mtlc_text_scales(
            count: Int64(offsets.count), offsets: offsets.baseAddress, scales: scales.baseAddress,
            missing: missing.baseAddress)
          mtlc_text_rescale(cells, Int64(rows.count * width), &arguments)
        }
      }
    }
  }
}
