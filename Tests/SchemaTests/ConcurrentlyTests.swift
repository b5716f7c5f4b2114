import Schema
import Testing

@Suite struct ConcurrentlyTests {
  @Test func everyCallIsMadeOnce() {
    let calls = Guarded<[Int]>([])
    concurrently(100) { index in calls.withLock { $0.append(index) } }
    #expect(calls.withLock { $0 }.sorted() == Array(0..<100))
    concurrently(0) { _ in Issue.record("nothing was to be done") }
  }

  @Test func resultsAreInOrder() throws {
    #expect(Array(0..<50).concurrentMap { $0 * $0 } == (0..<50).map { $0 * $0 })
  }

  @Test func theFirstErrorCounts() {
    struct Failure: Error, Equatable { var element: Int }
    #expect(throws: Failure(element: 3)) {
      try Array(0..<8).concurrentMap { element in
        guard element < 3 || element == 4 else { throw Failure(element: element) }
        return element
      }
    }
  }
}
