import Data
import Runtime
import Schema

/// A feed of the predict program whose rows are given as they are.
struct GivenFeed {
  private let name: String
  private let base: UnsafeMutableRawPointer
  private let width: Int
  private let isInteger: Bool
  /// The smallest id that is allowed, and for each column the number of ids; empty where every integer is
  /// allowed.
  private let least: Int32
  private let limits: [Int32]

  init(_ block: FeedBlock, _ schema: DataSchema, _ layout: FeedLayout) {
    name = block.name
    base = block.base
    width = block.width
    isInteger = block.isInteger
    var limits: [Int32] = []
    var least: Int32 = 0
    for (feature, slot) in zip(schema.features, layout.slots) {
      let limit = Int32(clamping: feature.cardinality ?? 0)
      switch slot {
      case .id where name == FeedLayout.ids: limits.append(limit)
      case .sequence where name == FeedLayout.sequenceIds(feature.name):
        limits = Array(repeating: limit, count: width)
        least = -1
      case .id, .numeric, .vector, .sequence: break
      }
    }
    self.least = least
    self.limits = limits.count == width ? limits : []
  }

  /// Copies some rows of a matrix to the feed. Throws `DataError` for an id beyond the feature's table
  /// and for a number that is not finite.
  func copy(_ values: UnsafeRawPointer, rows: Range<Int>) throws {
    let source = values + 4 * rows.lowerBound * width
    let count = rows.count * width
    if isInteger {
      let ids = source.assumingMemoryBound(to: Int32.self)
      for k in 0..<(limits.isEmpty ? 0 : count)
      where ids[k] < least || ids[k] >= limits[k % width] {
        throw refusal(k, rows, "\(ids[k])", "\(least) to \(limits[k % width] - 1)")
      }
    } else {
      let numbers = source.assumingMemoryBound(to: Float.self)
      for k in 0..<count where !numbers[k].isFinite {
        throw refusal(k, rows, "\(numbers[k])", "finite")
      }
    }
    base.copyMemory(from: source, byteCount: 4 * count)
  }

  private func refusal(_ k: Int, _ rows: Range<Int>, _ found: String, _ wanted: String) -> DataError
  {
    DataError(
      "column \(k % width) of feed \"\(MessageText.printable(name))\" holds \(found), its values are"
        + " \(wanted)", at: .init(file: "rows", line: rows.lowerBound + k / width + 1))
  }
}
