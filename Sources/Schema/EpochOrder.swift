/// The rows of an epoch in the order of their use.
package struct EpochOrder: Sendable, Hashable {
  package var rows: [Int32]
  /// Behind which of the rows each batch ends, the last one behind all; nil for batches of one size.
  package var batchEnds: [Int]?

  package init(_ rows: [Int32], batchEnds: [Int]? = nil) {
    self.rows = rows
    self.batchEnds = batchEnds
  }
}
