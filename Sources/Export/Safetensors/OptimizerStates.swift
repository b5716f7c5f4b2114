import Plan
import Schema

/// A state that the optimizer keeps for a parameter.
struct OptimizerState {
  /// The letter that stands for it in the formulas of the optimizer, as `m` and `v` of Adam.
  var letter: String
  /// Whether it has one number for each row of the parameter, and not one for each element.
  var isOfRows = false
}

extension Optimizer {
  /// The states of a parameter, in the order of the blocks of a checkpoint.
  func states(of parameter: ParameterRecord) -> [OptimizerState] {
    guard parameter.isTrainable else { return [] }
    if let sparse, sparse.tables.contains(parameter.name) { return sparse.states }
    switch kind {
    case .sgd: return stateCount == 0 ? [] : [OptimizerState(letter: "m")]
    case .adam, .adamw: return [OptimizerState(letter: "m"), OptimizerState(letter: "v")]
    case .adagrad: return [OptimizerState(letter: "s")]
    case .lion: return [OptimizerState(letter: "m")]
    }
  }
}

extension SparseOptimizer {
  fileprivate var states: [OptimizerState] {
    switch kind {
    case .lazyAdam: [OptimizerState(letter: "m"), OptimizerState(letter: "v")]
    case .rowwiseAdagrad: [OptimizerState(letter: "s", isOfRows: true)]
    case .adagrad: [OptimizerState(letter: "s")]
    case .sgd: []
    case .ftrl: [OptimizerState(letter: "z"), OptimizerState(letter: "n")]
    }
  }
}
