import Plan
import Schema

/// What early stopping has seen of the epochs so far.
public struct EarlyStoppingState: Sendable, Hashable {
  /// The epoch that is kept; nil as long as the metric had no value.
  public internal(set) var best: BestEpoch?
  /// The parameters after it.
  var parameters: EngineSnapshot?
  /// What an epoch has to exceed by more than `minDelta` to count as an improvement.
  var reference: Double?
  /// Epochs in a row without one.
  var epochsWithout = 0

  init() {}
}

extension TrainingPosition {
  /// Where the run of a checkpoint left off.
  public init(_ plan: Plan, _ progress: TrainingProgress) {
    self.init(epoch: progress.epoch, row: progress.rowInEpoch)
    guard let settings = plan.training.earlyStopping, let seen = progress.watch else { return }
    var state = EarlyStoppingState()
    state.reference = seen.reference
    state.epochsWithout = seen.epochsWithout
    if let best = seen.best {
      state.best = BestEpoch(epoch: best.epoch, metric: settings.metric, value: best.value)
      state.parameters = EngineSnapshot(weights: best.weights)
    }
    watch = state
  }
}

extension WatchProgress {
  /// As a static engine's checkpoint holds it.
  init(_ state: EarlyStoppingState) {
    self.init(reference: state.reference, epochsWithout: state.epochsWithout)
    guard let best = state.best, let weights = state.parameters?.weights else {
      return
    }
    self.best = Best(epoch: best.epoch, value: best.value, weights: weights)
  }
}
