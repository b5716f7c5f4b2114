/// A feed as a data set stores it: a row-major matrix of 4-byte elements.
public struct BatchFeed: Sendable, Hashable {
  public var name: String
  /// Elements a row.
  public var width: Int
  /// Int32 instead of Float.
  public var isInteger: Bool

  public init(name: String, width: Int, isInteger: Bool) {
    self.name = name
    self.width = width
    self.isInteger = isInteger
  }

  /// The feeds that hold labels (a column a task) and whether each is present (1 or 0).
  public static let labels = "labels"
  public static let labelMask = "label_mask"
  /// The feed of two integers that are the same for the rows of one group; 0 for no group.
  public static let group = "group"
}

/// Rows by number, in memory: what training and evaluation read.
public protocol BatchSource {
  /// In the order of `copyRows`' destinations.
  var feeds: [BatchFeed] { get }
  var rowCount: Int { get }

  /// Copies those rows, one after the other, to the destination of each feed; nil skips a feed.
  /// Allocates nothing.
  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?])
}
