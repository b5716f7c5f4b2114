import Synchronization

/// Records that could not be read and were skipped: how many, and the first few with their places.
///
/// For files of many gigabytes in which a few lines are broken; what was left out is reported.
public final class DamageLog: Sendable {
  /// The most records that are skipped before reading gives up after all.
  public let limit: Int
  private static let kept = 5

  private struct State: Sendable {
    var count = 0
    var first: [DataError] = []
  }
  private let state = Mutex(State())

  public init(limit: Int = .max) { self.limit = limit }

  /// Records skipped so far.
  public var count: Int { state.withLock { $0.count } }
  /// What was wrong with the first of them.
  public var first: [DataError] { state.withLock { $0.first } }

  /// Notes a record. Throws `DataError` when there were too many.
  func skip(_ error: DataError) throws {
    let count = state.withLock { state in
      state.count += 1
      if state.first.count < Self.kept { state.first.append(error) }
      return state.count
    }
    if count > limit {
      throw DataError(
        "more than \(limit) damaged records; the last one: \(error.message)", at: error.place)
    }
  }
}
