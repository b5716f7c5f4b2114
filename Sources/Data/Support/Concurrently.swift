import Schema
import Synchronization

/// Runs `work` with 0, 1 … below `count` on several threads, on fewer where the system has none left.
/// Calls must not write to the same memory, nor wait for each other.
func concurrently(_ count: Int, _ work: (Int) -> Void) {
  withoutActuallyEscaping(work) { work in
    let calls = Calls(count: count, work: work)
    var threads: [SystemThread] = []
    while threads.count + 1 < count, let thread = SystemThread({ calls.run() }) {
      threads.append(thread)
    }
    calls.run()
    for thread in threads { thread.join() }
  }
}

/// Calls that are made once each, by whichever thread is free.
private final class Calls: @unchecked Sendable {
  private let count: Int
  private let work: (Int) -> Void
  private let next = Atomic(0)

  init(count: Int, work: @escaping (Int) -> Void) {
    self.count = count
    self.work = work
  }

  func run() {
    while case let call = next.add(1, ordering: .relaxed).oldValue, call < count { work(call) }
  }
}
