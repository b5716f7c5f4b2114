import Schema

/// What trains a model on episodes and evaluates it: a compiled plan, or the eager engine.
package protocol EpisodeEngine: ParameterEngine {
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
package struct MetaStepResult: Sendable, Hashable {
  /// The query loss after the inner loop.
  package var loss: Double
  /// The share of queries that are classified correctly, where the model classifies.
  package var accuracy: Double?

}

extension MetaStepResult {
  /// Sums in the order of the episodes.
  init<Scalar: BinaryFloatingPoint>(losses: [Scalar], accuracies: [Scalar]) {
    let count = Double(max(1, losses.count))
    loss = losses.reduce(0) { $0 + Double($1) } / count
    accuracy =
      accuracies.isEmpty ? nil : accuracies.reduce(0) { $0 + Double($1) } / count
  }
}
