/// Rows by number, in memory: what training and evaluation read.
package protocol BatchSource {
  /// In the order of `copyRows`' destinations.
  var feeds: [FeedLayout.Feed] { get }
  var rowCount: Int { get }

  /// Copies those rows, one after the other, to the destination of each feed; nil skips a feed.
  /// Allocates nothing. Throws what kept the rows from being read; the destinations then hold
  /// nothing that may be used.
  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]) throws
}

/// Episodes by number: tasks, each with a support set to adapt on and a query set to predict.
package protocol EpisodeSource: Sendable {
  /// Writes the feeds of an episode. The same number always gives the same episode; several threads
  /// may ask at once.
  /// - Parameter destination: Where a feed goes, nil when the program does not read it.
  func write(episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?)
  /// The labels of an episode's query rows by task; empty where models score themselves.
  func labels(episode: Int) -> [[Float]]
}

extension EpisodeSource {
  package func labels(episode: Int) -> [[Float]] { [] }
}

/// The episodes of an evaluation: the first `count` of a source.
package typealias EpisodeSet = (source: any EpisodeSource, count: Int)
