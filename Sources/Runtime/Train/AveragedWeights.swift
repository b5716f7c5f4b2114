import Plan
import Schema

/// Averages the parameters of a training run, running statistics and other state among them: batch
/// normalization then predicts by the average of its statistics.
struct AveragedWeights {
  let rule: WeightsAverage
  /// Nil before the first step or epoch that counts.
  private(set) var state: AverageProgress?

  /// - Parameter state: The average so far where a run goes on.
  init(_ rule: WeightsAverage, from state: AverageProgress? = nil) {
    self.rule = rule
    self.state = state
  }

  /// Called after each step.
  mutating func countStep(_ engine: any ParameterEngine) {
    if !rule.isOfEpochs { count(engine) }
  }

  /// Called after the last step of an epoch.
  /// - Parameter epoch: From 0.
  mutating func countEpoch(_ epoch: Int, of epochs: Int, _ engine: any ParameterEngine) {
    if rule.counts(epoch: epoch, of: epochs) { count(engine) }
  }

  private mutating func count(_ engine: any ParameterEngine) {
    guard var average = state else {
      state = AverageProgress(count: 1, weights: engine.copyParameters())
      return
    }
    // Emptied first, so that the block is changed in place and not copied.
    state = nil
    average.count += 1
    engine.average(into: &average.weights, share: Float(rule.share(of: average.count)))
    state = average
  }

  /// Puts the average in the place of the engine's parameters.
  /// - Returns: Those that it replaced; nil where there is no average yet.
  func replaceWeights(of engine: any ParameterEngine) throws -> [Float]? {
    guard let state else { return nil }
    let last = engine.copyParameters()
    try engine.restoreParameters(state.weights)
    return last
  }
}
