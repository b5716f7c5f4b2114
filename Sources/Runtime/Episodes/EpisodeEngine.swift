/// Where episodes come from.
public protocol EpisodeSource: Sendable {
  /// Writes the feeds of an episode. The same number always gives the same episode; several threads
  /// may ask at once.
  /// - Parameter destination: Where a feed goes, nil when the program does not read it.
  func write(episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?)
  /// The labels of an episode's query rows by task; empty where models score themselves.
  func labels(episode: Int) -> [[Float]]
}

extension EpisodeSource {
  public func labels(episode: Int) -> [[Float]] { [] }
}

/// The episodes of an evaluation: the first `count` of a source.
public struct EpisodeSet: Sendable {
  public var source: any EpisodeSource
  public var count: Int

  public init(_ source: any EpisodeSource, count: Int) {
    self.source = source
    self.count = count
  }
}

/// What trains a model on episodes and evaluates it: a compiled plan, or the eager engine.
public protocol EpisodeEngine: ParameterEngine {
  /// A step of the meta optimizer on the mean of the episodes' meta gradients.
  func train(_ source: any EpisodeSource, episodes: Range<Int>) throws -> MetaStepResult
  /// The same step, slowly, looking for the first value that is not finite.
  /// - Returns: where it arose, nil when all are finite.
  func trainLookingForNonFinite(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> String?
  /// Adapts to each episode and hands out what its program does, by name, in their order.
  func evaluate(_ source: any EpisodeSource, episodes: Range<Int>) throws -> [[String: [Float]]]
  /// The mean meta gradient of the last step by parameter, row-major, before it is clipped.
  func gradients() throws -> [String: [Float]]
}

/// The means over the episodes of a step.
public struct MetaStepResult: Sendable, Hashable {
  /// The query loss after the inner loop.
  public var loss: Double
  /// The share of queries that are classified correctly, where the model classifies.
  public var accuracy: Double?

  public init(loss: Double, accuracy: Double?) {
    self.loss = loss
    self.accuracy = accuracy
  }

  /// Sums in the order of the episodes.
  init(losses: [Float], accuracies: [Float]) {
    let count = Double(max(1, losses.count))
    loss = losses.reduce(0) { $0 + Double($1) } / count
    accuracy =
      accuracies.isEmpty ? nil : accuracies.reduce(0) { $0 + Double($1) } / count
  }
}
