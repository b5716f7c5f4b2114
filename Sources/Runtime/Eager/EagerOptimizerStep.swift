import Schema

/// One step of an optimizer for one parameter, written from the formulas at `Optimizer.Kind`.
public struct EagerOptimizerStep: Sendable {
  let optimizer: Optimizer
  let learningRate: Double
  /// t, counted from 1.
  let step: Int

  /// By how much a schedule has changed the rate, which tables that are updated by rows follow.
  private var rateFactor: Double {
    optimizer.learningRate > 0 ? learningRate / optimizer.learningRate : 1
  }

  /// - Parameter learningRate: nil for the optimizer's own.
  init(_ optimizer: Optimizer, learningRate: Double?, step: Int) {
    self.optimizer = optimizer
    self.learningRate = learningRate ?? optimizer.learningRate
    self.step = step
  }

  func apply<Scalar: EagerScalar>(_ variable: inout EagerVariable<Scalar>, _ gradient: [Scalar]) {
    if let sparse = optimizer.sparse, sparse.tables.contains(variable.parameter.id.name) {
      EagerSparseStep<Scalar>(
        rule: sparse, rate: Scalar(sparse.learningRate * rateFactor), step: step
      ).apply(&variable, gradient)
      return
    }
    variable.fillStates(optimizer.startValues)
    let rate = Scalar(learningRate)
    let l2 = Scalar(variable.parameter.l2)
    let count = Swift.min(variable.values.count, gradient.count)
    switch optimizer.kind {
    case .sgd:
      let momentum = Scalar(optimizer.momentum)
      let keepsMomentum = !variable.states.isEmpty
      for i in 0..<count {
        var move = gradient[i] + l2 * variable.values[i]
        if keepsMomentum {
          move += momentum * variable.states[0][i]
          variable.states[0][i] = move
        }
        variable.values[i] -= rate * move
      }
    case .adam, .adamw:
      let decay = optimizer.kind == .adamw ? Scalar(learningRate * optimizer.weightDecay) : 0
      let (beta1, beta2) = (Scalar(optimizer.beta1), Scalar(optimizer.beta2))
      // In Double first: in Float, 1 − 0.999 would be off in the fifth digit.
      let (rest1, rest2) = (Scalar(1 - optimizer.beta1), Scalar(1 - optimizer.beta2))
      let correction1 = Scalar(1 - power(optimizer.beta1, step))
      let correction2 = Scalar(1 - power(optimizer.beta2, step))
      let epsilon = Scalar(optimizer.epsilon)
      for i in 0..<count {
        let p = variable.values[i]
        let g = gradient[i] + l2 * p
        let m = beta1 * variable.states[0][i] + rest1 * g
        let v = beta2 * variable.states[1][i] + rest2 * g * g
        variable.states[0][i] = m
        variable.states[1][i] = v
        let move = rate * (m / correction1) / ((v / correction2).squareRoot() + epsilon)
        variable.values[i] = p - decay * p - move
      }
    case .adagrad:
      let epsilon = Scalar(optimizer.epsilon)
      for i in 0..<count {
        let g = gradient[i] + l2 * variable.values[i]
        let s = variable.states[0][i] + g * g
        variable.states[0][i] = s
        variable.values[i] -= rate * g / (s.squareRoot() + epsilon)
      }
    case .lion:
      let decay = Scalar(learningRate * optimizer.weightDecay)
      let (beta1, beta2) = (Scalar(optimizer.beta1), Scalar(optimizer.beta2))
      let (rest1, rest2) = (Scalar(1 - optimizer.beta1), Scalar(1 - optimizer.beta2))
      for i in 0..<count {
        let p = variable.values[i]
        let g = gradient[i] + l2 * p
        let m = variable.states[0][i]
        let c = beta1 * m + rest1 * g
        variable.states[0][i] = beta2 * m + rest2 * g
        let sign: Scalar = c > 0 ? 1 : c < 0 ? -1 : c
        variable.values[i] = p - decay * p - rate * sign
      }
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    Double.exp(Double.log(base) * Double(exponent))
  }
}
