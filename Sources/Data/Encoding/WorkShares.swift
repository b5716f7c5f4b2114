import Dispatch
import Synchronization

/// Parts of some work in shares of neighbouring ones, one share for each thread: a thread does its own
/// from the first on, then what is left of others' from the last on. So each thread touches much
/// the same memory as the time before, however long the parts take.
final class WorkShares: Sendable {
  private let left: Mutex<[Range<Int>]>

  private init(_ parts: Int, shares: Int) {
    left = Mutex((0..<shares).map { parts * $0 / shares..<parts * ($0 + 1) / shares })
  }

  private func take(_ share: Int) -> Int? {
    left.withLock { left in
      if !left[share].isEmpty {
        let part = left[share].lowerBound
        left[share] = part + 1..<left[share].upperBound
        return part
      }
      guard let most = left.indices.max(by: { left[$0].count < left[$1].count }),
        !left[most].isEmpty
      else { return nil }
      let part = left[most].upperBound - 1
      left[most] = left[most].lowerBound..<part
      return part
    }
  }

  /// Runs all parts, whose memory must not overlap.
  static func run(_ parts: Int, threads: Int, _ part: (Int) -> Void) {
    guard threads > 1, parts > 1 else {
      for index in 0..<parts { part(index) }
      return
    }
    let shares = WorkShares(parts, shares: threads)
    func run(_ share: Int) {
      while let index = shares.take(share) { part(index) }
    }
    concurrently(threads, run)
  }
}

/// Runs `work` with 0, 1 … on several threads. What it does with one number must not touch what it
/// writes with another.
func concurrently(_ count: Int, _ work: (Int) -> Void) {
  withoutActuallyEscaping(work) { work in
    let shared = Shared(work: work)
    DispatchQueue.concurrentPerform(iterations: count) { shared.work($0) }
  }
}

private struct Shared: @unchecked Sendable {
  let work: (Int) -> Void
}
