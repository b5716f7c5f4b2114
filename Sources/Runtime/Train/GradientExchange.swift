import Plan
import Schema
import Transport

/// Adds up what the workers of a run have computed of a batch, each of its own micro-batches, in the tree that one
/// worker alone would go by.
///
/// Each worker has 2ᵏ micro-batches that follow each other, a whole subtree. The gradients are cut into as many
/// parts as there are workers; each gets one part of all of them, adds up, and gives the sum to the others.
final class GradientExchange {
  private let transport: any Transport
  private let runs: [Range<Int>]
  private let gradients: UnsafeMutablePointer<Float>
  /// Floats of a part, and of all workers one after the other what is sent, and received.
  private let part: Int
  private let sent: MemoryBlock
  private let received: MemoryBlock
  private let sum: MemoryBlock
  private let sums: GradientSums
  /// What this worker has sent, and how long it has spent, waiting for others included.
  private(set) var cost = ExchangeCost()

  /// - Parameter runs: Of the gradient block, those that are added up.
  /// - Throws: `LinkError` when the system has no room for the parts.
  init(
    _ transport: any Transport, runs: [Range<Int>], of gradients: MemoryBlock, pool: ThreadPool?
  ) throws(LinkError) {
    self.transport = transport
    self.runs = runs
    self.gradients = gradients.base.assumingMemoryBound(to: Float.self)
    let count = transport.count
    part = (runs.reduce(0) { $0 + $1.count } + count - 1) / count
    sent = try MemoryBlock(floats: count * part, what: "gradients to send")
    received = try MemoryBlock(floats: count * part, what: "gradients to receive")
    sum = try MemoryBlock(floats: part, what: "a part of the gradients")
    sums = try GradientSums(count, runs: [0..<part], of: sum, pool: pool)
  }

  /// Puts the sum over all workers into the gradient block.
  /// - Parameter hasRows: By worker whether it had any; of one without the block says nothing.
  func add(_ hasRows: (Int) -> Bool) throws {
    let floats = sent.floats
    var place = 0
    for run in runs {
      for k in run {
        floats[place] = gradients[k]
        place += 1
      }
    }
    let counts = [Int](repeating: 4 * part, count: transport.count)
    try timed(bytes: 4 * part * (transport.count - 1)) {
      try transport.alltoallv(bytes(sent), counts: counts, into: room(received), counts: counts)
    }
    for rank in 0..<transport.count {
      sums.take(
        rank, scale: hasRows(rank) ? 1 : nil,
        from: received.base.assumingMemoryBound(to: Float.self) + rank * part)
    }
    try timed(bytes: 4 * part * (transport.count - 1)) {
      try transport.allgather(bytes(sum), into: room(sent), counts: counts)
    }
    place = 0
    for run in runs {
      for k in run {
        gradients[k] = floats[place]
        place += 1
      }
    }
  }

  /// Gives all workers the bytes of each, which lie one after the other where they are wanted.
  /// - Parameter count: Of the bytes of a worker.
  func gather(_ base: UnsafeMutableRawPointer, _ count: (Int) -> Int) throws {
    let counts = (0..<transport.count).map(count)
    let start = counts[..<transport.rank].reduce(0, +)
    let own = counts[transport.rank]
    try timed(bytes: own * (transport.count - 1)) {
      try transport.allgather(
        UnsafeRawBufferPointer(start: base + start, count: own),
        into: UnsafeMutableRawBufferPointer(start: base, count: counts.reduce(0, +)),
        counts: counts)
    }
  }

  private func timed(bytes: Int, _ body: () throws -> Void) throws {
    let start = Platform.nanoseconds()
    try body()
    cost.seconds += Double(Platform.nanoseconds() - start) / 1e9
    cost.bytes += Double(bytes)
    cost.exchanges += 1
  }

  private func bytes(_ block: MemoryBlock) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: block.base, count: block.bytes)
  }

  private func room(_ block: MemoryBlock) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: block.base, count: block.bytes)
  }
}
