/// How the workers of one training run exchange bytes. Every worker has one end of it, and all of them call the
/// same operations in the same order; those that name two workers are called by these two.
///
/// Nothing is added up on the way: sums are made by the workers, in an order that does not depend on how many
/// they are.
package protocol Transport: AnyObject, Sendable {
  /// This worker's number, from 0.
  var rank: Int { get }
  /// How many workers there are.
  var count: Int { get }

  /// Sends bytes to another worker. May wait until that receives them.
  func send(_ bytes: UnsafeRawBufferPointer, to other: Int) throws(TransportError)
  /// Waits for as many bytes as there is room for from another worker.
  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from other: Int
  ) throws(TransportError)

  /// Gives every worker the bytes of all, one after the other in the order of their numbers.
  /// - Parameters:
  ///   - own: This worker's; may be their place in `all`.
  ///   - counts: Of the bytes of each worker, the same for all of them.
  func allgather(
    _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws(TransportError)

  /// Sends a part of the bytes to each worker and receives a part from each, both in the order of their
  /// numbers.
  func alltoallv(
    _ sent: UnsafeRawBufferPointer, counts: [Int],
    into received: UnsafeMutableRawBufferPointer, counts receivedCounts: [Int]
  ) throws(TransportError)

  /// Gives every worker the bytes of one.
  func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int
  ) throws(TransportError)

  /// Waits until all workers are here.
  func barrier() throws(TransportError)

  /// Has every operation of all workers throw from now on: this one cannot go on.
  func fail(_ reason: String)

  /// Leaves the others, all of which have to call it. No other operation may follow.
  func finish() throws(TransportError)
}

extension Transport {
  package func finish() throws(TransportError) {}
}
