import Schema
import Transport

/// Every call of a transport with bytes that tell where they come from.
package enum TransportExercise {
  package struct Fault: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
  }

  private static func byte(_ from: Int, _ to: Int, _ place: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (from * 31 + to * 7 + place) &* 2_654_435_761 >> 7)
  }

  private static func expect(_ holds: Bool, _ what: String) throws {
    if !holds { throw Fault(what) }
  }

  /// All workers run it. Throws where a byte is another one than was sent.
  package static func run(_ transport: any Transport, bytes: Int = 70_001) throws {
    let (rank, count) = (transport.rank, transport.count)
    try ring(transport, bytes)
    // Worker r has r bytes.
    let shares = (0..<count).map { $0 }
    var all = (0..<count).flatMap { r in (0..<r).map { r == rank ? byte(r, 0, $0) : 0 } }
    let gathered = (0..<count).flatMap { r in (0..<r).map { byte(r, 0, $0) } }
    let own = (0..<rank).map { byte(rank, 0, $0) }
    try own.withUnsafeBytes { own in
      try all.withUnsafeMutableBytes { try transport.allgather(own, into: $0, counts: shares) }
    }
    try expect(all == gathered, "allgather at \(rank)")
    // From its own place in the whole.
    try all.withUnsafeMutableBytes { all in
      let start = shares[..<rank].reduce(0, +)
      let own = UnsafeRawBufferPointer(rebasing: all[start..<start + rank])
      try transport.allgather(own, into: all, counts: shares)
    }
    try expect(all == gathered, "allgather in place at \(rank)")
    for root in [0, count - 1] {
      var shared = (0..<bytes).map { rank == root ? byte(root, 9, $0) : 0 }
      try shared.withUnsafeMutableBytes { try transport.broadcast($0, from: root) }
      try expect(shared == (0..<bytes).map { byte(root, 9, $0) }, "broadcast at \(rank)")
    }
    // Worker r sends (r + 2·to) % 5 pieces to another; some pairs have nothing for each other.
    let piece = 1_001
    func size(_ from: Int, _ to: Int) -> Int { (from + 2 * to) % 5 * piece }
    let counts = (0..<count).map { size(rank, $0) }
    let incomingCounts = (0..<count).map { size($0, rank) }
    let outgoing = (0..<count).flatMap { to in (0..<counts[to]).map { byte(rank, to, $0) } }
    var incoming = [UInt8](repeating: 0, count: incomingCounts.reduce(0, +))
    try outgoing.withUnsafeBytes { outgoing in
      try incoming.withUnsafeMutableBytes {
        try transport.alltoallv(outgoing, counts: counts, into: $0, counts: incomingCounts)
      }
    }
    try expect(
      incoming
        == (0..<count).flatMap { from in (0..<incomingCounts[from]).map { byte(from, rank, $0) } },
      "alltoallv at \(rank)")
    try transport.barrier()
  }

  /// Each worker hands bytes on to the next.
  private static func ring(_ transport: any Transport, _ bytes: Int) throws {
    let (rank, count) = (transport.rank, transport.count)
    guard count > 1 else { return }
    let (next, last) = ((rank + 1) % count, (rank + count - 1) % count)
    let outgoing = (0..<bytes).map { byte(rank, next, $0) }
    var incoming = [UInt8](repeating: 0, count: bytes)
    if rank == 0 { try outgoing.withUnsafeBytes { try transport.send($0, to: next) } }
    try incoming.withUnsafeMutableBytes { try transport.receive($0, from: last) }
    if rank > 0 { try outgoing.withUnsafeBytes { try transport.send($0, to: next) } }
    try expect(incoming == (0..<bytes).map { byte(last, rank, $0) }, "receive at \(rank)")
  }
}
