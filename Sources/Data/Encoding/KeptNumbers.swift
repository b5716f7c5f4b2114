import Schema

/// The numbers of a column until all rows were read, shared by the encoders of that column on all
/// threads. They change their form, and get more room, only while no thread encodes.
final class KeptNumbers {
  /// Whether all numbers so far are kept in their cells, as floats that hold them exactly.
  var areInCells: Bool
  /// Otherwise the number of each row, NaN where missing.
  private(set) var values: UnsafeMutablePointer<Double>?
  private var capacity = 0

  /// Empty. Numbers begin in the cells where a normaliser is fitted that needs them all.
  init(_ target: NumberEncoder.Target) {
    areInCells = target.needsAllValues && !target.givesIds
  }

  deinit { free(values) }

  /// Makes room for `count` rows. Throws `DataError` when there is none.
  func reserve(_ count: Int) throws {
    guard count > capacity else { return }
    values = try FeedStorage.resized(values, from: 8 * capacity, to: 8 * count)
      .assumingMemoryBound(to: Double.self)
    capacity = count
  }

  func drop() {
    free(values)
    values = nil
    capacity = 0
  }
}
