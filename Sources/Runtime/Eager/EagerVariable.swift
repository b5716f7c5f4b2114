import GraphIR
import Plan

/// A parameter with its present value and what the optimizer keeps beside it.
public struct EagerVariable<Scalar: EagerScalar>: Sendable {
  public let parameter: Parameter
  /// Row-major.
  public internal(set) var values: [Scalar]
  /// One array of the size of `values` per optimizer state (see `Optimizer.stateCount`);
  /// none before the first update.
  public internal(set) var states: [[Scalar]] = []
  /// Rows whose states do not begin at their start value.
  private var given: InitialValues.Rows?

  /// - Parameter initial: Rows that begin with these values, and the optimizer's states of them.
  init(_ parameter: Parameter, seed: UInt64, initial: InitialValues.Rows? = nil) {
    self.parameter = parameter
    let start = ParameterInitializer(seed: seed, name: parameter.id.name)
    let indices = 0..<parameter.type.shape.fixedCount
    // Rounded to Float whatever the scalar, so that both precisions start from the same numbers.
    switch parameter.initializer {
    case .constant(let value):
      values = EagerStorage.repeating(Float(value), count: indices.count).floats
    case .normal(let deviation):
      values =
        EagerStorage.floats(converting: indices.map { start.normal($0, deviation: deviation) })
        .floats
    case .uniform(let limit):
      values =
        EagerStorage.floats(converting: indices.map { start.uniform($0, limit: limit) }).floats
    }
    if let initial { set(initial) }
  }

  private mutating func set(_ rows: InitialValues.Rows) {
    let columns = max(1, parameter.type.shape.dimensions.last?.fixedSize ?? 1)
    guard rows.values.count == rows.count.times(columns) else { return }
    rows.forEach(below: values.count / columns) { row, place in
      for k in 0..<columns {
        values[row * columns + k] = Scalar(rows.values[place * columns + k])
      }
    }
    given = rows.states.isEmpty ? nil : rows
  }

  /// Adds the states that a rule has to those that are there, each at its start value but for rows with
  /// initial ones.
  mutating func fillStates(_ startValues: [Double]) {
    for start in startValues.dropFirst(states.count) {
      var state = [Scalar](repeating: Scalar(start), count: values.count)
      if let given, given.states.indices.contains(states.count), given.count > 0 {
        let known = given.states[states.count]
        let width = known.count / given.count
        given.forEach(below: width > 0 ? values.count / width : 0) { row, place in
          for k in 0..<width { state[row * width + k] = Scalar(known[place * width + k]) }
        }
      }
      states.append(state)
    }
  }
}

extension EagerStorage {
  fileprivate static func repeating(_ value: Float, count: Int) -> EagerStorage {
    .floats(converting: [Float](repeating: value, count: count))
  }
}
