/// Where tasks come from.
public protocol EpisodeSource: Sendable {
  /// Writes the feeds of an episode. The same number always gives the same episode; several threads
  /// may ask at once.
  /// - Parameter destination: Where a feed goes, nil when the program does not read it.
  func write(episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?)
}

/// What trains meta parameters on tasks and evaluates them: a compiled plan, or the eager engine.
public protocol MetaEngine: AnyObject {
  /// Steps of the meta optimizer done so far.
  var step: Int { get }
  /// One step of the meta optimizer on the mean of the tasks' meta gradients.
  func train(_ source: any EpisodeSource, episodes: Range<Int>) throws -> MetaStepResult
  /// Adapts to each episode and hands out what its program does, by name, in their order.
  func evaluate(_ source: any EpisodeSource, episodes: Range<Int>) throws -> [[String: [Float]]]
  /// The values of every parameter by name, row-major in the declared shapes.
  func parameters() throws -> [String: [Float]]
  /// The mean meta gradient of the last step by parameter, row-major.
  func gradients() throws -> [String: [Float]]
}

/// The means over the tasks of a step.
public struct MetaStepResult: Sendable, Hashable {
  /// The query loss after the inner loop.
  public var loss: Double
  /// The share of queries that are classified correctly, where the model classifies.
  public var accuracy: Double?

  public init(loss: Double, accuracy: Double?) {
    self.loss = loss
    self.accuracy = accuracy
  }

  /// Sums in the order of the tasks.
  init(losses: [Float], accuracies: [Float]) {
    let count = Double(max(1, losses.count))
    loss = losses.reduce(0) { $0 + Double($1) } / count
    accuracy =
      accuracies.isEmpty ? nil : accuracies.reduce(0) { $0 + Double($1) } / count
  }
}
