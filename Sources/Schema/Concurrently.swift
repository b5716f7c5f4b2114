import Synchronization

/// Runs `work` with 0, 1 … below `count` on several threads, on fewer where the system has none left.
/// Calls must not write to the same memory, nor wait for each other.
package func concurrently(_ count: Int, _ work: (Int) -> Void) {
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

extension Array {
  /// As `map`, on several threads; with the error of the first element that has one.
  package func concurrentMap<T>(_ transform: (Element) throws -> T) rethrows -> [T] {
    var results = [Swift.Result<T, any Error>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let places = results
      concurrently(count) { index in
        places[index] = Swift.Result { try transform(self[index]) }
      }
    }
    return try results.compactMap { $0 }.map { try $0.get() }
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
