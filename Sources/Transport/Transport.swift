/// Moves bytes between the ranks that train one model: the processes that MPI started, or threads.
///
/// All ranks make the same calls in the same order. Only bytes travel; sums are the caller's, in an order
/// of its own, since a sum over ranks in the order of a library would depend on their number. One call of
/// a rank runs at a time.
package protocol Transport: AnyObject, Sendable {
  /// The number of this rank, from 0.
  var rank: Int { get }

  /// How many ranks there are.
  var ranks: Int { get }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(TransportError)

  /// Fills all the bytes with a message of that many.
  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int
  ) throws(TransportError)

  /// Sends and receives at once, so that ranks that wait for each other do not wait for ever. Either of both may
  /// be empty, and then nothing travels that way.
  func sendReceive(
    _ outgoing: UnsafeRawBufferPointer, to destination: Int,
    _ incoming: UnsafeMutableRawBufferPointer, from source: Int
  ) throws(TransportError)

  /// What one rank has, for all.
  func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int
  ) throws(TransportError)

  /// As many bytes of each rank, for all, in the order of the ranks.
  func allGather(
    _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer
  ) throws(TransportError)

  /// Returns when all ranks have called it.
  func barrier() throws(TransportError)

  /// Ends the calls of all other ranks, those to come too. The reason is told to those that can be told.
  func abort(_ reason: String)
}

extension Transport {
  /// Bytes for each rank, and from each: those of rank r are `counts[r]` bytes, in the order of the
  /// ranks. What a rank sends to another is as long as that one expects.
  package func exchange(
    _ outgoing: UnsafeRawBufferPointer, counts: [Int],
    into incoming: UnsafeMutableRawBufferPointer, counts incomingCounts: [Int]
  ) throws(TransportError) {
    let places = starts(counts)
    let incomingPlaces = starts(incomingCounts)
    guard places.last == outgoing.count, incomingPlaces.last == incoming.count,
      counts.count == ranks, incomingCounts.count == ranks
    else { throw .unequal("the parts of an exchange are not its whole") }
    func part(_ r: Int) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: outgoing[places[r]..<places[r + 1]])
    }
    func room(_ r: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: incoming[incomingPlaces[r]..<incomingPlaces[r + 1]])
    }
    guard counts[rank] == incomingCounts[rank] else {
      throw .unequal("rank \(rank) keeps \(counts[rank]) bytes and expects \(incomingCounts[rank])")
    }
    room(rank).copyMemory(from: part(rank))
    for step in 1..<max(1, ranks) {
      let destination = (rank + step) % ranks
      let source = (rank + ranks - step) % ranks
      try sendReceive(part(destination), to: destination, room(source), from: source)
    }
  }

  /// Where each part starts, and where the last one ends.
  private func starts(_ counts: [Int]) -> [Int] {
    counts.reduce(into: [0]) { starts, count in starts.append((starts.last ?? 0) + max(0, count)) }
  }
}
