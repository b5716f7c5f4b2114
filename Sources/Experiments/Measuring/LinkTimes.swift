import Schema
import Transport

/// How fast the processes of a run exchange bytes: what the time of a step on more machines is computed from.
public struct LinkTimes: Sendable {
  public var processes: Int
  /// Of an exchange of next to nothing between all of them, in microseconds: α.
  public var latency: Double
  /// That a process sends while all send: 1 / β.
  public var bytesPerSecond: Double

  /// All processes call it. Medians of 21 exchanges of 8 bytes and of a megabyte from each process.
  static func measure(_ transport: any Transport) throws -> LinkTimes {
    let (small, large) = (8, 1 << 20)
    let count = transport.count
    func median(_ bytes: Int) throws -> Double {
      let own = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
      let all = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes * count, alignment: 64)
      defer {
        own.deallocate()
        all.deallocate()
      }
      own.initializeMemory(as: UInt8.self, repeating: 1)
      let counts = Array(repeating: bytes, count: count)
      let clock = ContinuousClock()
      var times: [Double] = []
      // The first exchanges open connections and touch memory.
      for round in 0..<25 {
        try transport.barrier()
        let start = clock.now
        try transport.allgather(UnsafeRawBufferPointer(own), into: all, counts: counts)
        if round >= 4 { times.append((clock.now - start) / .microseconds(1)) }
      }
      return times.sorted()[times.count / 2]
    }
    let (least, most) = (try median(small), try median(large))
    let sent = Double((large - small) * (count - 1))
    return LinkTimes(
      processes: count, latency: least,
      bytesPerSecond: sent / max(most - least, 0.001) * 1e6)
  }
}
