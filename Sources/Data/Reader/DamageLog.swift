import Schema

/// Records that could not be read and were skipped: how many, and the first few with their places.
///
/// For large files in which a few lines are damaged; how many were left out is reported.
package final class DamageLog: Sendable {
  /// The most records that are skipped; one more is an error.
  package let limit: Int
  private static let kept = 5

  private struct State: Sendable {
    var count = 0
    var first: [DataError] = []

    /// Keeps the first of each file in the order of its lines; a block may be cut before the cells
    /// of the one before it are read.
    mutating func keep(_ error: DataError) {
      let later = first.firstIndex {
        $0.place?.file == error.place?.file && ($0.place?.line ?? 0) > (error.place?.line ?? 0)
      }
      first.insert(error, at: later ?? first.count)
      if first.count > DamageLog.kept { first.removeLast() }
    }
  }
  private let state = Guarded(State())

  package init(limit: Int = .max) { self.limit = limit }

  /// Records skipped so far.
  package var count: Int { state.withLock { $0.count } }
  /// What was wrong with the first of them.
  package var first: [DataError] { state.withLock { $0.first } }

  /// Counts a damaged record. Throws `DataError` when there are too many.
  func skip(_ error: DataError) throws {
    let count = state.withLock { state in
      state.count += 1
      state.keep(error)
      return state.count
    }
    if count > limit {
      throw DataError(
        "more than \(limit) damaged record\(limit == 1 ? "" : "s"); the last one: \(error.message)",
        at: error.place)
    }
  }
}
