import Schema

/// The neighbouring groups of columns that each thread encodes.
///
/// A thread keeps its columns, so that the memory it writes is not in another core's cache. Shares are
/// balanced by the time that they took before.
struct ColumnShares {
  let groups: Int
  let threads: Int
  /// Thread t has the groups from `bounds[t]` up to `bounds[t + 1]`.
  private var bounds: [Int]

  init(groups: Int, threads: Int) {
    self.groups = groups
    self.threads = threads
    let count = max(1, min(threads, groups))
    bounds = (0...count).map { groups * $0 / count }
  }

  /// Runs `work` for each piece, in order, and for each share of the groups, threads beside each
  /// other.
  ///
  /// - Parameter beside: called until it returns false, on any thread, by one at a time.
  mutating func run(
    beside: (() -> Bool)?, pieces: Int, _ work: (_ piece: Int, _ share: Range<Int>) -> Void
  ) {
    let count = bounds.count - 1
    guard count > 1 else {
      for piece in 0..<pieces { work(piece, 0..<groups) }
      while beside?() == true {}
      return
    }
    let (bounds, clock) = (bounds, ContinuousClock())
    let times = Guarded([Duration](repeating: .zero, count: count))
    let turn = Guarded(false)
    /// Calls `beside` once; false when nothing is left.
    func help() -> Bool { turn.withLock { _ in beside?() ?? false } }
    concurrently(count) { thread in
      var time = Duration.zero
      for piece in 0..<pieces {
        // Threads take turns, so that they seldom wait for each other.
        if piece % count == thread { _ = help() }
        let start = clock.now
        work(piece, bounds[thread]..<bounds[thread + 1])
        time += clock.now - start
      }
      while help() {}
      times.withLock { $0[thread] = time }
    }
    balance(times.withLock { $0 })
  }

  /// Moves a group from a share to its neighbour where that took clearly less time.
  private mutating func balance(_ times: [Duration]) {
    for k in 1..<times.count {
      let (before, after) = (times[k - 1], times[k])
      if before > after * 1.08, bounds[k] - bounds[k - 1] > 1 {
        bounds[k] -= 1
      } else if after > before * 1.08, bounds[k + 1] - bounds[k] > 1 {
        bounds[k] += 1
      }
    }
  }
}
