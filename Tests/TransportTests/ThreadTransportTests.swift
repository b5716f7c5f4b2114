import Schema
import Testing
import Transport
import TransportExercise

/// Ranks that are threads.
@Suite struct ThreadTransportTests {
  /// What each rank throws; nil where it throws nothing.
  private func run(
    _ ranks: Int, _ body: @escaping @Sendable (ThreadTransport) throws -> Void
  ) throws -> [String?] {
    let ends = Guarded([Int: String]())
    let threads = ThreadTransport.group(of: ranks).map { transport in
      SystemThread {
        do {
          try body(transport)
        } catch {
          ends.withLock { $0[transport.rank] = "\(error)" }
          transport.abort("\(error)")
        }
      }
    }
    for thread in threads { try #require(thread).join() }
    return ends.withLock { ends in (0..<ranks).map { ends[$0] } }
  }

  @Test(arguments: [1, 2, 3, 4, 8]) func bytesArrive(ranks: Int) throws {
    #expect(try run(ranks) { try TransportExercise.run($0) } == Array(repeating: nil, count: ranks))
  }

  /// Those that wait for a rank that gave up are told.
  @Test func oneThatGivesUpEndsTheOthers() throws {
    let ends = try run(3) { transport in
      if transport.rank == 1 { throw TransportExercise.Fault("no disk") }
      try transport.barrier()
    }
    #expect(ends == ["rank 1 gave up: no disk", "no disk", "rank 1 gave up: no disk"])
  }

  @Test func messagesOfAnotherLengthAreRefused() throws {
    let ends = try run(2) { transport in
      var bytes = [UInt8](repeating: 0, count: 4)
      if transport.rank == 0 {
        try bytes.prefix(3).withUnsafeBytes { try transport.send($0, to: 1) }
      } else {
        try bytes.withUnsafeMutableBytes { try transport.receive($0, from: 0) }
      }
    }
    #expect(ends == [nil, "rank 1 expects 4 bytes of rank 0, which sent 3"])
  }

  @Test func partsHaveToBeTheWhole() throws {
    let ends = try run(1) { transport in
      try transport.exchange(
        UnsafeRawBufferPointer(start: nil, count: 0), counts: [1],
        into: UnsafeMutableRawBufferPointer(start: nil, count: 0), counts: [0])
    }
    #expect(ends == ["the parts of an exchange are not its whole"])
  }
}
