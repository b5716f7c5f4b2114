import Schema

/// The transport between threads of one process. It is strict: what is sent waits for its receiver, and workers
/// that call different operations, or sizes that do not agree, get an error instead of waiting for ever.
package final class ThreadTransport: Transport {
  package let rank: Int
  package var count: Int { board.count }
  private let board: Board

  private init(_ rank: Int, _ board: Board) {
    self.rank = rank
    self.board = board
  }

  /// The ends of a transport for so many workers, at least 1.
  package static func group(_ count: Int) -> [ThreadTransport] {
    let board = Board(max(1, count))
    return (0..<board.count).map { ThreadTransport($0, board) }
  }

  package func send(_ bytes: UnsafeRawBufferPointer, to other: Int) throws(TransportError) {
    try board.send(bytes, from: rank, to: other)
  }

  package func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from other: Int
  ) throws(TransportError) {
    try board.receive(bytes, from: other, to: rank)
  }

  package func allgather(
    _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws(TransportError) {
    guard counts.count == count, counts[rank] == own.count, counts.reduce(0, +) <= all.count else {
      throw board.fail(.mismatch("allgather of \(own.count) bytes into \(all.count) of \(counts)"))
    }
    try board.publish(.init(name: "allgather", bytes: own, counts: counts), by: rank)
    var start = 0
    for other in 0..<count {
      try board.read("allgather", by: other) { posted in
        guard posted.counts == counts else { return nil }
        return (0..<counts[other], all, start)
      }
      start += counts[other]
    }
    try board.barrier()
  }

  package func alltoallv(
    _ sent: UnsafeRawBufferPointer, counts: [Int],
    into received: UnsafeMutableRawBufferPointer, counts receivedCounts: [Int]
  ) throws(TransportError) {
    guard counts.count == count, receivedCounts.count == count,
      counts.reduce(0, +) <= sent.count, receivedCounts.reduce(0, +) <= received.count
    else { throw board.fail(.mismatch("alltoallv of \(sent.count) bytes in \(counts)")) }
    try board.publish(.init(name: "alltoallv", bytes: sent, counts: counts), by: rank)
    var start = 0
    for other in 0..<count {
      try board.read("alltoallv", by: other) { posted in
        guard posted.counts[rank] == receivedCounts[other] else { return nil }
        let first = posted.counts[..<rank].reduce(0, +)
        return (first..<first + receivedCounts[other], received, start)
      }
      start += receivedCounts[other]
    }
    try board.barrier()
  }

  package func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int
  ) throws(TransportError) {
    try board.publish(
      .init(name: "broadcast", bytes: UnsafeRawBufferPointer(bytes), counts: [root, bytes.count]),
      by: rank)
    try board.read("broadcast", by: root) { posted in
      posted.counts == [root, bytes.count] ? (0..<bytes.count, bytes, 0) : nil
    }
    try board.barrier()
  }

  package func barrier() throws(TransportError) {
    try board.publish(
      .init(name: "barrier", bytes: .init(start: nil, count: 0), counts: []), by: rank)
    for other in 0..<count {
      try board.read("barrier", by: other) { _ in (0..<0, .init(start: nil, count: 0), 0) }
    }
    try board.barrier()
  }

  package func fail(_ reason: String) { _ = board.fail(.ended(rank: rank, reason: reason)) }
}

/// What the threads share.
private final class Board: @unchecked Sendable {
  /// What a worker offers the others in an operation of all.
  struct Post {
    var name: String
    var bytes: UnsafeRawBufferPointer
    var counts: [Int]
  }

  let count: Int
  private let condition = Condition()
  // Under the lock:
  private var posts: [Post?]
  /// By sender and receiver what is on its way, until it is taken.
  private var messages: [UnsafeRawBufferPointer?]
  private var arrived = 0
  private var generation = 0
  private var failure: TransportError?

  init(_ count: Int) {
    self.count = count
    posts = Array(repeating: nil, count: count)
    messages = Array(repeating: nil, count: count * count)
  }

  /// Waits under the lock until it holds, or a worker has failed.
  private func wait(until holds: () -> Bool) throws(TransportError) {
    while failure == nil, !holds() { condition.wait() }
    if let failure { throw failure }
  }

  private func locked<Result>(
    _ body: () throws(TransportError) -> Result
  ) throws(TransportError) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  func send(
    _ bytes: UnsafeRawBufferPointer, from rank: Int, to other: Int
  ) throws(TransportError) {
    guard (0..<count).contains(other), other != rank else {
      throw .mismatch("worker \(rank) sends to worker \(other)")
    }
    let place = rank * count + other
    try locked { () throws(TransportError) in
      try wait { messages[place] == nil }
      messages[place] = bytes
      condition.broadcast()
      try wait { messages[place] == nil }
    }
  }

  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from other: Int, to rank: Int
  ) throws(TransportError) {
    guard (0..<count).contains(other), other != rank else {
      throw .mismatch("worker \(rank) receives from worker \(other)")
    }
    let place = other * count + rank
    try locked { () throws(TransportError) in
      try wait { messages[place] != nil }
      guard let message = messages[place], message.count == bytes.count else {
        throw end(
          .mismatch("\(messages[place]?.count ?? 0) bytes are sent, \(bytes.count) expected"))
      }
      bytes.copyMemory(from: message)
      messages[place] = nil
      condition.broadcast()
    }
  }

  /// Offers what others may read until the next barrier, and waits for their offers.
  func publish(_ post: Post, by rank: Int) throws(TransportError) {
    try locked { () throws(TransportError) in
      posts[rank] = post
      try pass()
    }
  }

  /// Copies a part of what a worker offers, under the lock: once a worker has failed, what it offered may be gone.
  /// - Parameter part: Which part, and where it goes; nil for an offer that does not fit.
  func read(
    _ name: String, by rank: Int,
    _ part: (Post) -> (Range<Int>, UnsafeMutableRawBufferPointer, start: Int)?
  ) throws(TransportError) {
    try locked { () throws(TransportError) in
      if let failure { throw failure }
      guard posts.indices.contains(rank), let post = posts[rank], post.name == name,
        let (range, target, start) = part(post)
      else {
        let post = posts.indices.contains(rank) ? posts[rank] : nil
        throw end(
          .mismatch("\(name) meets \(post?.name ?? "nothing") of \(post?.counts ?? []) at \(rank)"))
      }
      guard !range.isEmpty, let from = post.bytes.baseAddress, let to = target.baseAddress else {
        return
      }
      let (first, place) = (from + range.lowerBound, to + start)
      if first != UnsafeRawPointer(place) { place.copyMemory(from: first, byteCount: range.count) }
    }
  }

  func barrier() throws(TransportError) {
    try locked { () throws(TransportError) in try pass() }
  }

  /// Waits under the lock until all workers have come here.
  private func pass() throws(TransportError) {
    if let failure { throw failure }
    arrived += 1
    guard arrived < count else {
      arrived = 0
      generation += 1
      condition.broadcast()
      return
    }
    let own = generation
    try wait { generation != own }
  }

  /// Ends all operations under the lock.
  private func end(_ error: TransportError) -> TransportError {
    if failure == nil { failure = error }
    condition.broadcast()
    return error
  }

  /// Ends all operations.
  func fail(_ error: TransportError) -> TransportError {
    condition.lock()
    defer { condition.unlock() }
    return end(error)
  }
}
