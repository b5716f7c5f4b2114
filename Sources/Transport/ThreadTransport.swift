import Schema

/// Ranks that are threads of one process. Every call is made of messages, so that what travels is what
/// would travel between machines.
package final class ThreadTransport: Transport {
  package let rank: Int
  private let mail: Mail

  private init(rank: Int, _ mail: Mail) {
    self.rank = rank
    self.mail = mail
  }

  /// One transport for each thread.
  package static func group(of ranks: Int) -> [ThreadTransport] {
    let mail = Mail(ranks: max(1, ranks))
    return (0..<mail.ranks).map { ThreadTransport(rank: $0, mail) }
  }

  package var ranks: Int { mail.ranks }

  package func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(TransportError) {
    try mail.put(Array(bytes), from: self.rank, to: rank)
  }

  package func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int
  ) throws(TransportError) {
    let message = try mail.take(from: rank, to: self.rank)
    guard message.count == bytes.count else {
      throw .unequal(
        "rank \(self.rank) expects \(bytes.count) bytes of rank \(rank), which sent \(message.count)"
      )
    }
    bytes.copyBytes(from: message)
  }

  package func sendReceive(
    _ outgoing: UnsafeRawBufferPointer, to destination: Int,
    _ incoming: UnsafeMutableRawBufferPointer, from source: Int
  ) throws(TransportError) {
    // A message waits in the mail, so that sending first never waits.
    if !outgoing.isEmpty { try send(outgoing, to: destination) }
    if !incoming.isEmpty { try receive(incoming, from: source) }
  }

  package func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int
  ) throws(TransportError) {
    guard rank == root else { return try receive(bytes, from: root) }
    for other in 0..<ranks where other != root {
      try send(UnsafeRawBufferPointer(bytes), to: other)
    }
  }

  package func allGather(
    _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer
  ) throws(TransportError) {
    guard all.count == own.count * ranks else {
      throw .unequal("\(own.count) bytes of \(ranks) ranks do not fill \(all.count)")
    }
    for other in 0..<ranks where other != rank { try send(own, to: other) }
    for other in 0..<ranks {
      let room = UnsafeMutableRawBufferPointer(
        rebasing: all[other * own.count..<(other + 1) * own.count])
      if other == rank { room.copyMemory(from: own) } else { try receive(room, from: other) }
    }
  }

  package func barrier() throws(TransportError) {
    try allGather(UnsafeRawBufferPointer(start: nil, count: 0), into: .init(start: nil, count: 0))
  }

  package func abort(_ reason: String) { mail.abort(rank: rank, reason) }
}

/// The messages that are on their way between threads.
private final class Mail: @unchecked Sendable {
  let ranks: Int
  private let condition = Condition()
  private var boxes: [[[UInt8]]]
  private var failure: TransportError?

  init(ranks: Int) {
    self.ranks = ranks
    boxes = Array(repeating: [], count: ranks * ranks)
  }

  func put(_ message: [UInt8], from source: Int, to rank: Int) throws(TransportError) {
    condition.lock()
    defer { condition.unlock() }
    if let failure { throw failure }
    boxes[source * ranks + rank].append(message)
    condition.broadcast()
  }

  func take(from source: Int, to rank: Int) throws(TransportError) -> [UInt8] {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let failure { throw failure }
      let box = source * ranks + rank
      if !boxes[box].isEmpty { return boxes[box].removeFirst() }
      condition.wait()
    }
  }

  func abort(rank: Int, _ reason: String) {
    condition.lock()
    failure = failure ?? .aborted(rank: rank, reason: reason)
    condition.broadcast()
    condition.unlock()
  }
}
