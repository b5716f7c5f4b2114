import Schema

/// Connections of all processes to the first, beside those of MPI: a library may wait for ever for a process that
/// is gone, or whose host is cut off.
package final class Lifeline: Sendable {
  /// What a process says before it leaves in good order.
  private static let goodbye: UInt8 = 98
  /// What the first process says when another is gone, so that it alone tells of it.
  private static let isLost: UInt8 = 99
  private static let tokenBytes = 16
  private static let messageBytes = 2048

  private struct State {
    /// By the number of the process at the other end.
    var connections: [Int: Connection] = [:]
    var isReleased = false
  }

  private let state: Guarded<State>

  /// Connects the processes; all of them call it.
  ///
  /// - Parameter lost: Is called on a thread of its own, once, with the number of a process that is gone without
  ///   a word, or out of reach; nil where the first process has told of it.
  /// - Returns: nil for a process alone. A process that cannot reach the first has no connection, and is told of
  ///   by nobody.
  package init?(
    _ transport: any Transport, lost: @escaping @Sendable (_ rank: Int?) -> Void
  ) throws(TransportError) {
    guard transport.count > 1 else { return nil }
    let found =
      transport.rank == 0 ? try Self.first(transport) : try Self.other(transport)
    state = Guarded(State(connections: found))
    guard !found.isEmpty else { return }
    SystemThread { [self] in watch(lost) }?.detach()
  }

  /// Tells the other ends that this process leaves in good order.
  package func release() {
    let connections = state.withLock { state in
      state.isReleased = true
      return state.connections
    }
    for (_, connection) in connections { _ = connection.put([Self.goodbye]) }
  }

  // MARK: Connecting

  /// The first process tells where it listens, and takes what comes until the others have tried.
  private static func first(_ transport: any Transport) throws(TransportError) -> [Int: Connection]
  {
    let listener = Listener(backlog: transport.count)
    var random = SystemRandomNumberGenerator()
    let token = (0..<tokenBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
    let port = listener?.port ?? 0
    var message = [UInt8(port >> 8), UInt8(port & 255)] + token
    for address in Listener.addresses
    where listener != nil && message.count + address.utf8.count < messageBytes {
      message += address.utf8 + [32]
    }
    message += [UInt8](repeating: 0, count: messageBytes - message.count)
    let accepted = Guarded<[Int: Connection]>([:])
    let isDone = Guarded(false)
    let thread = listener.flatMap { listener in
      SystemThread {
        while !isDone.withLock({ $0 }) {
          guard let connection = listener.accept() else { continue }
          let word = connection.take(tokenBytes + 4)
          guard word.count == tokenBytes + 4, Array(word.prefix(tokenBytes)) == token else {
            connection.end()
            continue
          }
          let rank = word.suffix(4).reduce(0) { $0 << 8 | Int($1) }
          accepted.withLock { $0[rank] = connection }
        }
        listener.end()
      }
    }
    try share(&message, transport)
    let isConnected = try tell(false, transport)
    // Words of connections that stand may be on their way; a machine that is busy takes its time.
    let end = ContinuousClock.now + .seconds(30)
    while accepted.withLock({ $0.count }) < isConnected.count(where: { $0 }),
      ContinuousClock.now < end
    {
      usleep(1000)
    }
    isDone.withLock { $0 = true }
    thread?.join()
    return accepted.withLock { $0 }
  }

  private static func other(_ transport: any Transport) throws(TransportError) -> [Int: Connection]
  {
    var message = [UInt8](repeating: 0, count: messageBytes)
    try share(&message, transport)
    let port = UInt16(message[0]) << 8 | UInt16(message[1])
    let token = message[2..<2 + tokenBytes]
    let addresses = message[(2 + tokenBytes)...].prefix { $0 != 0 }.split(separator: 32)
      .map { String(decoding: $0, as: UTF8.self) }
    var connection: Connection?
    for address in addresses where connection == nil && port != 0 {
      connection = Connection(to: address, port: port)
    }
    let rank = (0..<4).map { UInt8(transport.rank >> (24 - 8 * $0) & 255) }
    if let made = connection, !made.put(token + rank) {
      made.end()
      connection = nil
    }
    _ = try tell(connection != nil, transport)
    return connection.map { [0: $0] } ?? [:]
  }

  private static func share(
    _ message: inout [UInt8], _ transport: any Transport
  ) throws(TransportError) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: message.count, alignment: 8)
    defer { copy.deallocate() }
    copy.copyBytes(from: message)
    try transport.broadcast(copy, from: 0)
    message = Array(copy)
  }

  /// Which processes say yes.
  private static func tell(_ isTrue: Bool, _ transport: any Transport) throws(TransportError)
    -> [Bool]
  {
    let all = UnsafeMutableRawBufferPointer.allocate(byteCount: transport.count, alignment: 8)
    defer { all.deallocate() }
    all[transport.rank] = isTrue ? 1 : 0
    let own = UnsafeRawBufferPointer(rebasing: all[transport.rank..<transport.rank + 1])
    try transport.allgather(own, into: all, counts: Array(repeating: 1, count: transport.count))
    return all.map { $0 != 0 }
  }

  // MARK: Watching

  private func watch(_ lost: (Int?) -> Void) {
    while true {
      let open = state.withLock { $0.isReleased ? [] : Array($0.connections) }
      guard !open.isEmpty else { return }
      var entries = open.map { pollfd(fd: $0.value.descriptor, events: Int16(POLLIN), revents: 0) }
      guard poll(&entries, nfds_t(entries.count), 500) >= 0 || errno == EINTR else { return }
      for (entry, (rank, connection)) in zip(entries, open) where entry.revents != 0 {
        var byte: UInt8 = 0
        let got = recv(connection.descriptor, &byte, 1, 0)
        if got < 0, errno == EINTR || errno == EAGAIN { continue }
        let isWatched = state.withLock { state in
          state.connections[rank] = nil
          return !state.isReleased
        }
        guard isWatched, got != 1 || byte != Self.goodbye else { continue }
        let others = state.withLock { $0.connections }
        for (_, other) in others { _ = other.put([Self.isLost]) }
        guard got == 1 else { return lost(rank) }
        // A launcher may end the first process when another ends: not before it has told and has ended itself.
        _ = connection.take(1)
        return lost(nil)
      }
    }
  }
}
