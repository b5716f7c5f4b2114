import Foundation

/// The numbers of a column until all were seen, for the encoders of that column on all threads.
///
/// They change from one form to the other, and get more room, only while no thread encodes.
final class KeptNumbers {
  /// Whether all of them so far stand in their cells: floats that hold them exactly.
  var areInCells: Bool
  /// All of them, by rows, that do not; NaN where missing.
  private(set) var values: UnsafeMutablePointer<Double>?
  private var capacity = 0

  init(areInCells: Bool) { self.areInCells = areInCells }

  deinit { free(values) }

  /// Makes room for `count` rows. Throws `DataError` when there is none.
  func reserve(_ count: Int) throws {
    guard count > capacity else { return }
    values = try FeedStorage.resized(values, to: count * MemoryLayout<Double>.stride)
      .assumingMemoryBound(to: Double.self)
    capacity = count
  }

  func drop() {
    free(values)
    values = nil
    capacity = 0
  }
}
