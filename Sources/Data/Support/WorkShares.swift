import Schema

/// Divides the parts of some work among threads: each takes its share of neighbouring parts from the
/// front, then parts of the largest other share from the back. So a thread mostly works on the same
/// parts, and the same memory, from one call to the next.
final class WorkShares: Sendable {
  private let left: Guarded<[Range<Int>]>

  private init(_ parts: Int, shares: Int) {
    left = Guarded((0..<shares).map { parts * $0 / shares..<parts * ($0 + 1) / shares })
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
