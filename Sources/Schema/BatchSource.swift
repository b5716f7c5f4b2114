/// Rows by number, in memory: what training and evaluation read.
public protocol BatchSource {
  /// In the order of `copyRows`' destinations.
  var feeds: [FeedLayout.Feed] { get }
  var rowCount: Int { get }

  /// Copies those rows, one after the other, to the destination of each feed; nil skips a feed.
  /// Allocates nothing. Throws what kept the rows from being read; the destinations then hold
  /// nothing that may be used.
  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]) throws
}
