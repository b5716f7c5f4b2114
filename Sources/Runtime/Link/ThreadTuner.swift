/// Decides from the times of the steps whether all threads or the caller alone run a program. How
/// many threads pay depends on what else the machine does: where another process holds a core, a
/// step that waits for both threads can take many times what one thread needs. The results do not
/// depend on the choice.
///
/// It runs in the mode that was faster so far and tries the other one now and then, ever more
/// rarely as long as that brings nothing.
package struct ThreadTuner {
  /// Whether the next step shall run on all threads.
  package private(set) var usesAll = true
  package init() {}

  private var isProbing = false
  private var sum: UInt64 = 0
  private var count: UInt64 = 0
  /// Steps of a probe that are not counted, while threads wake up and caches fill.
  private var skip = 0
  private var probeSteps: UInt64 = 8
  private var settledMean: UInt64 = 0
  private var interval = Self.shortestInterval

  private static let shortestInterval: UInt64 = 5_000_000
  private static let longestInterval: UInt64 = 1_000_000_000
  private static let fewestSteps: UInt64 = 8

  /// Takes in the time of a step that ran as `usesAll` said.
  package mutating func record(_ nanoseconds: UInt64) {
    if skip > 0 {
      skip -= 1
      return
    }
    sum &+= nanoseconds
    count += 1
    if isProbing {
      // A probe that has taken longer than the settled mode would for all its steps has lost.
      guard count >= probeSteps || sum > settledMean &* probeSteps else { return }
      endProbe()
    } else if sum >= interval, count >= Self.fewestSteps {
      beginProbe()
    }
  }

  private mutating func beginProbe() {
    settledMean = max(1, sum / count)
    // About two milliseconds, from one step to eight.
    probeSteps = min(Self.fewestSteps, max(1, 2_000_000 / settledMean))
    skip = settledMean < 1_000_000 ? 2 : 0
    isProbing = true
    usesAll.toggle()
    (sum, count) = (0, 0)
  }

  private mutating func endProbe() {
    let mean = sum / count
    if count >= probeSteps, mean < settledMean - settledMean / 32 {
      interval = Self.shortestInterval
    } else {
      usesAll.toggle()
      interval = min(interval &* 2, Self.longestInterval)
    }
    interval = max(interval, 40 &* settledMean)
    isProbing = false
    (sum, count) = (0, 0)
    skip = settledMean < 1_000_000 ? 2 : 0
  }
}
