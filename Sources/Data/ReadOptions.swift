/// Limits and callbacks of a reading.
public struct ReadOptions: Sendable {
  /// Stop after this many rows; nil reads all.
  public var rowLimit: Int?
  /// The most bytes that encoded rows may take; nil is half of the machine's
  /// physical memory.
  public var memoryLimit: Int?
  /// Called with the total of bytes read, about once a block, on the reading thread.
  public var progress: (@Sendable (_ bytesRead: Int) -> Void)?

  public init(
    rowLimit: Int? = nil, memoryLimit: Int? = nil,
    progress: (@Sendable (_ bytesRead: Int) -> Void)? = nil
  ) {
    self.rowLimit = rowLimit
    self.memoryLimit = memoryLimit
    self.progress = progress
  }
}
