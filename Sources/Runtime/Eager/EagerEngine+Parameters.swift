import GraphIR
import Plan
import Schema

extension EagerEngine {
  /// The declared parameter with its value and optimizer state.
  public func variable(_ id: ParameterID) -> EagerVariable<Scalar>? { variables[id] }

  /// Replaces a parameter's value from the next read on; tensors read before keep theirs.
  /// - Throws: `EagerError.unknownParameter`, `EagerError.parameterMismatch`.
  public func setValues(of id: ParameterID, _ values: [Scalar]) throws {
    guard let variable = variables[id] else { throw EagerError.unknownParameter(id) }
    guard values.count == variable.values.count else {
      throw EagerError.parameterMismatch(
        id, count: values.count, expected: variable.parameter.type)
    }
    variables[id]?.values = values
  }

  /// The steps that the optimizer has behind it, those of an earlier run among them.
  var optimizerStep: Int { step.plus(initial?.step ?? 0) }

  /// Moves a parameter along its gradient by the optimizer's rule, as step `optimizerStep + 1`.
  /// - Parameter learningRate: nil for the optimizer's own.
  /// - Throws: `EagerError.unknownParameter`, `EagerError.parameterMismatch`.
  func update(
    _ id: ParameterID, gradient: [Scalar], _ optimizer: Optimizer, _ learningRate: Double?
  ) throws {
    // Taken out of the dictionary, so that it is changed in place.
    guard var variable = variables.removeValue(forKey: id) else {
      throw EagerError.unknownParameter(id)
    }
    defer { variables[id] = variable }
    guard gradient.count == variable.values.count else {
      throw EagerError.parameterMismatch(
        id, count: gradient.count, expected: variable.parameter.type)
    }
    Scalar.update(
      &variable, gradient: gradient,
      EagerOptimizerStep(optimizer, learningRate: learningRate, step: optimizerStep + 1))
  }

  /// Everything that goes on from step to step.
  public var state: EagerState<Scalar> {
    EagerState(
      step: step, values: variables.mapValues(\.values), states: variables.mapValues(\.states))
  }

  /// Goes on from a state. Parameters that it does not name keep their value.
  /// - Throws: `EagerError` when it names a parameter that is not declared or is of another size;
  ///   nothing is changed then.
  public func load(_ state: EagerState<Scalar>) throws {
    for (id, values) in state.values {
      guard let variable = variables[id] else { throw EagerError.unknownParameter(id) }
      for part in [values] + (state.states[id] ?? []) where part.count != variable.values.count {
        throw EagerError.parameterMismatch(
          id, count: part.count, expected: variable.parameter.type)
      }
    }
    for (id, values) in state.values {
      variables[id]?.values = values
      variables[id]?.states = state.states[id] ?? []
    }
    step = state.step
  }
}

/// What an eager run carries from step to step, to be kept and loaded.
public struct EagerState<Scalar: EagerScalar>: Sendable, Hashable {
  public var step: Int
  public var values: [ParameterID: [Scalar]]
  /// Per parameter the optimizer's states.
  public var states: [ParameterID: [[Scalar]]]

  public init(
    step: Int, values: [ParameterID: [Scalar]], states: [ParameterID: [[Scalar]]] = [:]
  ) {
    self.step = step
    self.values = values
    self.states = states
  }
}
