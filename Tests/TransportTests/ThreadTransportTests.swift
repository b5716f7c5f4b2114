import Schema
import Testing
import Transport
import TransportExercise

/// What workers exchange, and that they do not wait for ever.
@Suite struct ThreadTransportTests {
  /// Runs a worker on each end of a transport.
  /// - Returns: By worker what it came to, or its error.
  static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (ThreadTransport) throws -> Value
  ) -> [Result<Value, any Error>] {
    let ends = ThreadTransport.group(count)
    let results = Guarded<[Result<Value, any Error>?]>(Array(repeating: nil, count: count))
    let threads = ends.map { end in
      SystemThread {
        let result = Result { try body(end) }
        if case .failure(let error) = result { end.fail("\(error)") }
        results.withLock { $0[end.rank] = result }
      }
    }
    for thread in threads { thread?.join() }
    return results.withLock { $0.compactMap { $0 } }
  }

  @Test(arguments: [1, 2, 3, 5]) func everyOperationMovesItsBytes(count: Int) throws {
    let results = Self.run(count) { end -> [[UInt8]] in
      let rank = end.rank
      // Worker r has r + 1 bytes.
      let counts = (0..<count).map { $0 + 1 }
      let own = [UInt8](repeating: UInt8(10 + rank), count: rank + 1)
      var all = [UInt8](repeating: 0, count: counts.reduce(0, +))
      try own.withUnsafeBytes { own in
        try all.withUnsafeMutableBytes { try end.allgather(own, into: $0, counts: counts) }
      }
      // Worker r sends d + 1 bytes 16·r + d to worker d.
      let sent = (0..<count).flatMap { other in
        [UInt8](repeating: UInt8(16 * rank + other), count: other + 1)
      }
      var received = [UInt8](repeating: 0, count: count * (rank + 1))
      try sent.withUnsafeBytes { sent in
        try received.withUnsafeMutableBytes {
          try end.alltoallv(
            sent, counts: counts, into: $0,
            counts: [Int](repeating: rank + 1, count: count))
        }
      }
      var root = [UInt8](repeating: UInt8(rank), count: 3)
      try root.withUnsafeMutableBytes { try end.broadcast($0, from: count - 1) }
      // Around in a ring, the even ones first.
      var message: [UInt8] = [UInt8(rank)]
      var got: [UInt8] = [99]
      if count > 1 {
        func send() throws {
          try message.withUnsafeBytes { try end.send($0, to: (rank + 1) % count) }
        }
        if rank % 2 == 0, rank + 1 < count || count % 2 == 0 { try send() }
        try got.withUnsafeMutableBytes { try end.receive($0, from: (rank + count - 1) % count) }
        if !(rank % 2 == 0 && (rank + 1 < count || count % 2 == 0)) { try send() }
      }
      message = []
      try end.barrier()
      return [all, received, root, got]
    }
    for (rank, result) in results.enumerated() {
      let found = try result.get()
      var gathered: [UInt8] = []
      var exchanged: [UInt8] = []
      for other in 0..<count {
        gathered += [UInt8](repeating: UInt8(10 + other), count: other + 1)
        exchanged += [UInt8](repeating: UInt8(16 * other + rank), count: rank + 1)
      }
      #expect(found[0] == gathered)
      #expect(found[1] == exchanged)
      #expect(found[2] == [UInt8](repeating: UInt8(count - 1), count: 3))
      let neighbour = UInt8((rank + count - 1) % count)
      #expect(count == 1 || found[3] == [neighbour])
    }
  }

  @Test(arguments: [1, 2, 4, 8]) func largeBytesArrive(count: Int) throws {
    for result in Self.run(count, { try TransportExercise.run($0) }) { try result.get() }
  }

  private func errors<Value>(_ results: [Result<Value, any Error>]) -> [String] {
    results.map { result in
      if case .failure(let error) = result { "\(error)" } else { "none" }
    }
  }

  @Test func whoEndsEndsTheOthers() {
    struct Broken: Error, CustomStringConvertible { var description: String { "no disk" } }
    let results = Self.run(4) { end in
      if end.rank == 2 { throw Broken() }
      while true { try end.barrier() }
    }
    let found = errors(results)
    #expect(found[2] == "no disk")
    for rank in [0, 1, 3] { #expect(found[rank] == "worker 2 ended: no disk") }
  }

  @Test func differentOperationsAreAnError() {
    let names = Self.run(2) { end in
      var bytes: [UInt8] = [1, 2]
      if end.rank == 0 { return try end.barrier() }
      try bytes.withUnsafeMutableBytes { try end.broadcast($0, from: 0) }
    }
    #expect(errors(names).allSatisfy { $0.hasPrefix("the workers do not do the same") })
    let sizes = Self.run(2) { end in
      var bytes = [UInt8](repeating: 0, count: 2 + end.rank)
      if end.rank == 0 { return try bytes.withUnsafeBytes { try end.send($0, to: 1) } }
      try bytes.withUnsafeMutableBytes { try end.receive($0, from: 0) }
    }
    #expect(errors(sizes).allSatisfy { $0.contains("2 bytes are sent, 3 expected") })
    let counts = Self.run(2) { end in
      let own: [UInt8] = [1]
      var all = [UInt8](repeating: 0, count: 3)
      try own.withUnsafeBytes { own in
        try all.withUnsafeMutableBytes {
          try end.allgather(own, into: $0, counts: end.rank == 0 ? [1, 2] : [1, 1])
        }
      }
    }
    #expect(errors(counts).allSatisfy { $0.hasPrefix("the workers do not do the same") })
  }
}
