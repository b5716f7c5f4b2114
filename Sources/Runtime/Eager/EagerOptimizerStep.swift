import Plan

/// One step of an optimizer for one parameter, written from the papers' formulas. g is the gradient
/// plus λ·p, λ the parameter's L2 penalty.
///
/// - sgd: p −= lr·g; with momentum μ: m = μ·m + g, p −= lr·m.
/// - adam (Kingma & Ba 2015, algorithm 1): m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g²,
///   p −= lr · (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε).
/// - adamw (Loshchilov & Hutter 2019): p −= lr·decay·p, then as adam.
/// - adagrad (Duchi et al. 2011): s += g², p −= lr·g / (√s + ε); s starts at `initialAccumulator`.
public struct EagerOptimizerStep: Sendable {
  public var settings: OptimizerSettings
  /// t, counted from 1.
  public var step: Int

  /// By how much a schedule has changed the rate of the tables that are updated by rows.
  private var rateFactor: Double {
    settings.baseLearningRate > 0 ? settings.learningRate / settings.baseLearningRate : 1
  }

  public init(settings: OptimizerSettings, step: Int) {
    self.settings = settings
    self.step = step
  }

  func apply<Scalar: EagerScalar>(_ variable: inout EagerVariable<Scalar>, _ gradient: [Scalar]) {
    if let sparse = settings.sparse, sparse.tables.contains(variable.parameter.id.name) {
      EagerSparseStep<Scalar>(
        rule: sparse, rate: Scalar(sparse.learningRate * rateFactor), step: step
      ).apply(&variable, gradient)
      return
    }
    let initial = settings.kind == .adagrad ? settings.initialAccumulator : 0
    while variable.states.count < settings.stateCount {
      variable.states.append([Scalar](repeating: Scalar(initial), count: variable.values.count))
    }
    let rate = Scalar(settings.learningRate)
    let l2 = Scalar(variable.parameter.l2)
    let count = Swift.min(variable.values.count, gradient.count)
    switch settings.kind {
    case .sgd:
      let momentum = Scalar(settings.momentum)
      for i in 0..<count {
        var move = gradient[i] + l2 * variable.values[i]
        if settings.stateCount == 1 {
          move += momentum * variable.states[0][i]
          variable.states[0][i] = move
        }
        variable.values[i] -= rate * move
      }
    case .adam, .adamw:
      let decay = settings.kind == .adamw ? Scalar(settings.learningRate * settings.weightDecay) : 0
      let (beta1, beta2) = (Scalar(settings.beta1), Scalar(settings.beta2))
      // In Double first: in Float, 1 − 0.999 would be off in the fifth digit.
      let (rest1, rest2) = (Scalar(1 - settings.beta1), Scalar(1 - settings.beta2))
      let correction1 = Scalar(1 - power(settings.beta1, step))
      let correction2 = Scalar(1 - power(settings.beta2, step))
      let epsilon = Scalar(settings.epsilon)
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
      let epsilon = Scalar(settings.epsilon)
      for i in 0..<count {
        let g = gradient[i] + l2 * variable.values[i]
        let s = variable.states[0][i] + g * g
        variable.states[0][i] = s
        variable.values[i] -= rate * g / (s.squareRoot() + epsilon)
      }
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    Double.exp(Double.log(base) * Double(exponent))
  }
}
