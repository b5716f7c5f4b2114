import Schema

/// One step of a row-wise rule for one table, written from its formulas (see `SparseOptimizer`).
/// Rows whose gradient is zero throughout are left as they are.
struct EagerSparseStep<Scalar: EagerScalar> {
  let rule: SparseOptimizer
  /// The rate of this step.
  let rate: Scalar
  /// t, counted from 1.
  let step: Int
  private var numbers: Hyperparameters { rule.hyperparameters }

  func apply(_ variable: inout EagerVariable<Scalar>, _ gradient: [Scalar]) {
    variable.fillStates(rule.startValues)
    let columns = max(1, variable.parameter.type.shape.dimensions.last?.fixedSize ?? 1)
    let l2 = Scalar(variable.parameter.l2)
    for row in 0..<variable.values.count / columns {
      let places = row * columns..<(row + 1) * columns
      if gradient[places].allSatisfy({ $0 == 0 }) { continue }
      let g = places.map { gradient[$0] + l2 * variable.values[$0] }
      switch rule.kind {
      case .sgd: for (i, g) in zip(places, g) { variable.values[i] -= rate * g }
      case .lazyAdam: adam(&variable, places, g)
      case .adagrad:
        for (i, g) in zip(places, g) {
          variable.states[0][i] += g * g
          let root = variable.states[0][i].squareRoot()
          variable.values[i] -= rate * g / (root + Scalar(numbers.epsilon))
        }
      case .rowwiseAdagrad:
        // One number a row, at the start of the state.
        variable.states[0][row] += g.reduce(0) { $0 + $1 * $1 } / Scalar(columns)
        let root = variable.states[0][row].squareRoot()
        for (i, g) in zip(places, g) {
          variable.values[i] -= rate * g / (root + Scalar(numbers.epsilon))
        }
      case .ftrl: for (i, g) in zip(places, g) { ftrl(&variable, i, g) }
      }
    }
  }

  private func adam(
    _ variable: inout EagerVariable<Scalar>, _ places: Range<Int>, _ gradient: [Scalar]
  ) {
    let correction1 = Scalar(1 - power(numbers.beta1))
    let correction2 = Scalar(1 - power(numbers.beta2))
    for (i, g) in zip(places, gradient) {
      let m = Scalar(numbers.beta1) * variable.states[0][i] + Scalar(1 - numbers.beta1) * g
      let v = Scalar(numbers.beta2) * variable.states[1][i] + Scalar(1 - numbers.beta2) * g * g
      variable.states[0][i] = m
      variable.states[1][i] = v
      variable.values[i] -=
        rate * (m / correction1) / ((v / correction2).squareRoot() + Scalar(numbers.epsilon))
    }
  }

  private func ftrl(_ variable: inout EagerVariable<Scalar>, _ i: Int, _ g: Scalar) {
    guard rate != 0 else { return }
    let p = variable.values[i]
    let old = variable.states[1][i]
    let l1 = Scalar(numbers.l1)
    let l2 = Scalar(numbers.l2)
    let beta = Scalar(numbers.beta)
    var z = variable.states[0][i]
    if z == 0, old == Scalar(numbers.initialAccumulator) {
      z = -p * ((beta + old.squareRoot()) / rate + l2) - (p < 0 ? -l1 : p > 0 ? l1 : 0)
    }
    let sum = old + g * g
    z += g - p * (sum.squareRoot() - old.squareRoot()) / rate
    variable.states[0][i] = z
    variable.states[1][i] = sum
    let size = z < 0 ? -z : z
    variable.values[i] =
      size <= l1 ? 0 : ((z < 0 ? -l1 : l1) - z) / ((beta + sum.squareRoot()) / rate + l2)
  }

  private func power(_ base: Double) -> Double {
    Double.exp(Double.log(base) * Double(step))
  }
}
