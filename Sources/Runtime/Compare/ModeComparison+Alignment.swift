import Plan

/// What keeps rounding noise from growing into a difference.
extension ModeComparison {
  /// The optimizers whose step does not shrink with the gradient.
  private var isAdaptive: Bool {
    switch session.plan.training.optimizer.kind {
    case .sgd: session.plan.training.optimizer.sparse != nil
    case .adam, .adamw, .adagrad: true
    }
  }

  /// λ·w of the parameters that have a penalty, by name: what the optimizer adds to the gradient of
  /// the losses.
  func penaltyGradients() throws -> [String: [Float]] {
    guard isAdaptive else { return [:] }
    var found: [String: [Float]] = [:]
    for record in session.plan.parameters where record.isTrainable && record.l2 > 0 {
      let factor = Float(record.l2)
      found[record.name] = try session.parameter(record.name).map { factor * $0 }
    }
    return found
  }

  /// Gives the eager mode the plan's value of every element whose gradient is rounding noise, which
  /// an optimizer that divides by the gradient's size turns into a step of full length.
  ///
  /// - Parameter penalty: what the optimizer adds to the gradient; nil for nothing.
  /// - Returns: how many elements that were.
  func align(
    _ name: String, _ eager: [Float], _ compiled: [Float], _ penalty: [Float]?
  ) throws -> Int {
    guard isAdaptive else { return 0 }
    let places = RoundingNoise.places(eager, compiled, penalty: penalty)
    guard !places.isEmpty else { return 0 }
    var values = try self.eager.parameter(name)
    let reference = try session.parameter(name)
    guard values.count == reference.count, values.count == eager.count else { return 0 }
    for place in places { values[place] = reference[place] }
    try self.eager.setParameter(name, values)
    return places.count
  }
}
