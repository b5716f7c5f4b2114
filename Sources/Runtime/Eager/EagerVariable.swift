import GraphIR

/// A parameter with its present value and what the optimizer keeps beside it.
public struct EagerVariable<Scalar: EagerScalar>: Sendable {
  public let parameter: Parameter
  /// Row-major.
  public internal(set) var values: [Scalar]
  /// One array of the size of `values` per optimizer state (see `Optimizer.stateCount`);
  /// none before the first update.
  public internal(set) var states: [[Scalar]] = []

  init(_ parameter: Parameter, seed: UInt64) {
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
  }
}

extension EagerStorage {
  fileprivate static func repeating(_ value: Float, count: Int) -> EagerStorage {
    .floats(converting: [Float](repeating: value, count: count))
  }
}
