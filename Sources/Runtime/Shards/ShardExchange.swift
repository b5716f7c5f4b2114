import Schema
import Transport

/// Exchanges between workers that share tables, with memory for them that grows to what a run needs, and what they
/// have cost.
final class ShardExchange {
  let transport: any Transport
  private(set) var cost = ExchangeCost()

  init(_ transport: any Transport) { self.transport = transport }

  var rank: Int { transport.rank }
  var count: Int { transport.count }

  /// Memory that keeps its size until more is needed; what it held is then gone.
  final class Room {
    private var base = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    private var size = 64

    deinit { base.deallocate() }

    func reserve(_ bytes: Int) -> UnsafeMutableRawPointer {
      if bytes > size {
        base.deallocate()
        // A quarter more, so that batches of about one size soon fit.
        size = bytes + bytes / 4
        base = .allocate(byteCount: size, alignment: 64)
      }
      return base
    }
  }

  /// Sends each worker its part and receives one of each, both in bytes and in the order of the workers.
  func exchange(
    _ sent: UnsafeRawPointer, _ counts: [Int], into received: UnsafeMutableRawPointer,
    _ receivedCounts: [Int]
  ) throws {
    let total = counts.reduce(0, +)
    try timed(bytes: total - counts[rank]) {
      try transport.alltoallv(
        UnsafeRawBufferPointer(start: sent, count: total), counts: counts,
        into: UnsafeMutableRawBufferPointer(
          start: received, count: receivedCounts.reduce(0, +)), counts: receivedCounts)
    }
  }

  /// The numbers of all workers, of each as many.
  func gather<Number: BitwiseCopyable>(_ own: [Number]) throws -> [Number] {
    try timed(bytes: own.count * MemoryLayout<Number>.stride * (count - 1)) {
      try transport.gather(own, counts: Array(repeating: own.count, count: count))
    }
  }

  private func timed<Result>(bytes: Int, _ body: () throws -> Result) throws -> Result {
    let start = Platform.nanoseconds()
    let result = try body()
    cost.seconds += Double(Platform.nanoseconds() - start) / 1e9
    cost.bytes += Double(bytes)
    cost.exchanges += 1
    return result
  }
}
