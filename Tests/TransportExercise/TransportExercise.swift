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

  /// All ranks run it. Throws where a byte is another one than was sent.
  package static func run(_ transport: any Transport, bytes: Int = 70_001) throws {
    let (rank, ranks) = (transport.rank, transport.ranks)
    try pairs(transport, bytes)
    var all = [UInt8](repeating: 0, count: ranks * 3)
    let own = (0..<3).map { byte(rank, 0, $0) }
    try own.withUnsafeBytes { own in
      try all.withUnsafeMutableBytes { try transport.allGather(own, into: $0) }
    }
    try expect(
      all == (0..<ranks).flatMap { r in (0..<3).map { byte(r, 0, $0) } }, "allGather at \(rank)")
    for root in [0, ranks - 1] {
      var shared = (0..<bytes).map { rank == root ? byte(root, 9, $0) : 0 }
      try shared.withUnsafeMutableBytes { try transport.broadcast($0, from: root) }
      try expect(shared == (0..<bytes).map { byte(root, 9, $0) }, "broadcast at \(rank)")
    }
    // Rank r sends (r + 2·to) % 5 pieces to another; some pairs have nothing for each other.
    let piece = 1_001
    func count(_ from: Int, _ to: Int) -> Int { (from + 2 * to) % 5 * piece }
    let counts = (0..<ranks).map { count(rank, $0) }
    let incomingCounts = (0..<ranks).map { count($0, rank) }
    let outgoing = (0..<ranks).flatMap { to in (0..<counts[to]).map { byte(rank, to, $0) } }
    var incoming = [UInt8](repeating: 0, count: incomingCounts.reduce(0, +))
    try outgoing.withUnsafeBytes { outgoing in
      try incoming.withUnsafeMutableBytes {
        try transport.exchange(outgoing, counts: counts, into: $0, counts: incomingCounts)
      }
    }
    try expect(
      incoming
        == (0..<ranks).flatMap { from in (0..<incomingCounts[from]).map { byte(from, rank, $0) } },
      "exchange at \(rank)")
    try transport.barrier()
  }

  /// Each rank hands bytes on to the next, all at once and then one after the other.
  private static func pairs(_ transport: any Transport, _ bytes: Int) throws {
    let (rank, ranks) = (transport.rank, transport.ranks)
    let (next, last) = ((rank + 1) % ranks, (rank + ranks - 1) % ranks)
    let outgoing = (0..<bytes).map { byte(rank, next, $0) }
    var incoming = [UInt8](repeating: 0, count: bytes)
    if ranks > 1 {
      try outgoing.withUnsafeBytes { outgoing in
        try incoming.withUnsafeMutableBytes {
          try transport.sendReceive(outgoing, to: next, $0, from: last)
        }
      }
      try expect(incoming == (0..<bytes).map { byte(last, rank, $0) }, "sendReceive at \(rank)")
      if rank == 0 {
        try outgoing.withUnsafeBytes { try transport.send($0, to: next) }
        try incoming.withUnsafeMutableBytes { try transport.receive($0, from: last) }
      } else {
        try incoming.withUnsafeMutableBytes { try transport.receive($0, from: last) }
        try outgoing.withUnsafeBytes { try transport.send($0, to: next) }
      }
      try expect(incoming == (0..<bytes).map { byte(last, rank, $0) }, "receive at \(rank)")
    }
  }
}
