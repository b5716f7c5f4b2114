import Plan

/// A compiled plan that is trained: its state is that of a session.
package protocol SessionEngine: ParameterEngine {
  var session: Session { get }
  /// Whether no other worker takes its steps with it, so that it may take some of them again.
  var isAlone: Bool { get }
}

extension SessionEngine {
  package var isAlone: Bool { true }
  package var step: Int { session.step }
  package var learningRate: Double {
    get { session.learningRate }
    set { session.learningRate = newValue }
  }

  package var parameterNames: [String] { session.plan.parameters.map(\.name) }
  package func parameter(_ name: String) throws -> [Float] { try session.parameter(name) }
  package func setParameter(_ name: String, _ values: [Float]) throws {
    try session.setParameter(name, values)
  }
  package func withParameter(
    _ name: String, _ body: (_ values: UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) throws { try session.withParameter(name, body) }
  package func nonFiniteParameter() throws -> String? { session.nonFiniteParameter() }

  /// The plan with the weights as they are now: a trained plan, with the states of the optimizer where
  /// it is to keep them.
  package var trainedPlan: Plan { session.trainedPlan(at: session.step) }

  /// The plan with weights, optimizer states and the place in the data: a checkpoint.
  package func checkpoint(at position: TrainingPosition) -> Plan {
    session.plan.checkpoint(
      step: session.step, at: position, weights: session.weights, states: session.optimizerStates)
  }

  package func copyParameters() -> [Float] { session.weights }
  package func average(into average: inout [Float], share: Float) {
    session.average(into: &average, share: share)
  }
  package func restoreParameters(_ values: [Float]) throws { try session.setWeights(values) }

  /// nil for states of more than 16 MiB, since tables of gigabytes must fit beside a copy, and beside other workers.
  package func wayBack() -> (() throws -> Void)? {
    let bytes = 4 * session.plan.parameterFloats * (1 + session.shared.states.count)
    guard bytes <= 16 << 20, isAlone else { return nil }
    let weights = session.weights
    let progress = TrainingProgress(
      step: session.step, epoch: 0, rowInEpoch: 0, states: session.optimizerStates)
    return { [session] in
      try session.setWeights(weights)
      try session.resume(progress)
    }
  }
}

extension Session {
  /// - Parameter step: Steps that were done, whoever has done them.
  func trainedPlan(at step: Int) -> Plan {
    plan.trained(step: step, weights: weights, states: { optimizerStates })
  }
}

extension Plan {
  /// The plan with weights, and the states of the optimizer where it is to keep them.
  func trained(step: Int, weights: [Float], states: () -> [[Float]]) -> Plan {
    var trained = self
    trained.weights = weights
    trained.initial = initial?.withoutValues
    trained.progress = nil
    if training.savesOptimizer, program(.train) != nil {
      trained.progress = TrainingProgress(
        step: step, epoch: training.epochs, rowInEpoch: 0, states: states(),
        watch: training.earlyStopping.map { _ in WatchProgress() })
    }
    return trained
  }

  /// The plan with all that training goes on from.
  func checkpoint(
    step: Int, at position: TrainingPosition, weights: [Float], states: [[Float]]
  ) -> Plan {
    var plan = trained(step: step, weights: weights, states: { [] })
    plan.progress = TrainingProgress(
      step: step, epoch: position.epoch, rowInEpoch: position.row, states: states,
      watch: position.watch, average: position.average, report: position.report,
      sums: position.sums)
    return plan
  }
}
