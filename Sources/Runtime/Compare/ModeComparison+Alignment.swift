import GraphIR
import Plan
import Schema

/// What keeps rounding noise from growing into a difference.
extension ModeComparison {
  /// What a step depends on beside the gradient of the losses, by parameter; as it is before the step.
  struct StepContext {
    /// λ·w of the parameters that have a penalty: the optimizer adds it to the gradient.
    fileprivate var penalties: [String: [Float]] = [:]
    /// The first state in both modes, of parameters whose rule normalizes momentum.
    fileprivate var momenta: [String: (eager: [Float], compiled: [Float])] = [:]
  }

  private func normalized(_ name: String) -> OptimizerRule.Normalized {
    let optimizer = session.plan.training.optimizer
    guard let sparse = optimizer.sparse, sparse.tables.contains(name) else {
      return optimizer.kind.rule.normalizes
    }
    return sparse.kind.rule.normalizes
  }

  func stepContext() throws -> StepContext {
    var context = StepContext()
    for record in session.plan.parameters where record.isTrainable {
      let name = record.name
      let normalized = normalized(name)
      if normalized == .nothing { continue }
      let factor = Float(record.l2)
      if factor > 0 {
        context.penalties[name] = try session.parameter(name).map { factor * $0 }
      }
      if normalized == .momentum {
        let compiled = try session.optimizerState(0, of: name)
        let eager = self.eager.model.engine.variable(ParameterID(name))?.states.first
        context.momenta[name] = (eager ?? compiled.map { _ in 0 }, compiled)
      }
    }
    return context
  }

  /// Gives the eager mode the plan's value of every element whose step is of full length and whose
  /// direction is rounding noise.
  ///
  /// - Returns: how many elements that were.
  func align(
    _ name: String, _ eager: [Float], _ compiled: [Float], _ context: StepContext
  ) throws -> Int {
    let penalty = context.penalties[name]
    let places: [Int]
    switch normalized(name) {
    case .nothing: return 0
    case .gradient: places = RoundingNoise.places(eager, compiled, penalty: penalty)
    case .momentum:
      guard let momenta = context.momenta[name] else { return 0 }
      places = RoundingNoise.places(
        direction(momenta.eager, eager, penalty), direction(momenta.compiled, compiled, penalty))
    }
    guard !places.isEmpty else { return 0 }
    var values = try self.eager.parameter(name)
    let reference = try session.parameter(name)
    guard values.count == reference.count, values.count == eager.count else { return 0 }
    for place in places { values[place] = reference[place] }
    try self.eager.setParameter(name, values)
    return places.count
  }

  /// β₁m + (1−β₁)(gradient + penalty).
  private func direction(
    _ momentum: [Float], _ gradient: [Float], _ penalty: [Float]?
  ) -> [Float] {
    let beta = session.plan.training.optimizer.beta1
    let (kept, fresh) = (Float(beta), Float(1 - beta))
    return zip(momentum, gradient).enumerated().map { place, pair in
      kept * pair.0 + fresh * (pair.1 + (penalty?[place] ?? 0))
    }
  }
}
