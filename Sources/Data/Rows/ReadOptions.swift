/// Limits and callbacks of a reading.
package struct ReadOptions: Sendable {
  /// Stop after this many rows; nil reads all.
  package var rowLimit: Int?
  /// The most bytes that encoded rows may take; nil is half of the machine's
  /// physical memory.
  package var memoryLimit: Int?
  /// Threads that read and encode; nil is one for each core. The result is always the same.
  package var threads: Int?
  /// Where damaged records are noted, which are then left out; nil: the first ends the reading.
  package var damage: DamageLog?
  /// Whether ids that fit a byte are kept as bytes, for rows that stay in memory for long.
  package var keepsBytes = false
  /// Called with the total of bytes read, about once a block, on one thread at a time.
  package var progress: (@Sendable (_ bytesRead: Int) -> Void)?

  package init(
    rowLimit: Int? = nil, memoryLimit: Int? = nil, threads: Int? = nil, damage: DamageLog? = nil,
    progress: (@Sendable (_ bytesRead: Int) -> Void)? = nil
  ) {
    self.rowLimit = rowLimit
    self.memoryLimit = memoryLimit
    self.threads = threads
    self.damage = damage
    self.progress = progress
  }
}
