import GraphIR
import Plan

/// A model run op by op that is trained: its state is that of an eager engine.
package protocol EagerParameterEngine: ParameterEngine {
  var engine: EagerEngine<Float> { get }
}

extension EagerParameterEngine {
  package var step: Int { engine.step }

  /// Empty before the first step: parameters are declared as the model is run.
  package var parameterNames: [String] { engine.parameterIDs.map(\.name) }

  package func parameter(_ name: String) throws -> [Float] {
    guard let variable = engine.variable(ParameterID(name)) else {
      throw EagerError.unknownParameter(ParameterID(name))
    }
    return variable.values
  }

  package func setParameter(_ name: String, _ values: [Float]) throws {
    try engine.setValues(of: ParameterID(name), values)
  }

  package func withParameter(
    _ name: String, _ body: (_ values: UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) throws {
    var values = try parameter(name)
    let last = engine.variable(ParameterID(name))?.parameter.type.shape.last
    let columns = if case .fixed(let size)? = last { size } else { 1 }
    values.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { body(base, columns) }
    }
    try setParameter(name, values)
  }

  package func nonFiniteParameter() -> String? {
    engine.parameterIDs.first { id in
      engine.variable(id)?.values.contains { !$0.isFinite } ?? false
    }?.name
  }

  package func copyParameters() -> [Float] {
    engine.parameterIDs.flatMap { engine.variable($0)?.values ?? [] }
  }

  package func restoreParameters(_ values: [Float]) throws {
    var rest = values[...]
    for id in engine.parameterIDs {
      let count = engine.variable(id)?.values.count ?? 0
      try engine.setValues(of: id, Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
  }

  /// nil for models beyond 16 MiB of parameters. Those that are declared later go back to their start
  /// values.
  package func wayBack() -> (() throws -> Void)? {
    let kept = engine.state
    guard kept.values.values.reduce(0, { $0 + $1.count }) <= 4 << 20 else { return nil }
    return { [engine] in
      var state = kept
      for id in engine.parameterIDs where kept.values[id] == nil {
        guard let parameter = engine.variable(id)?.parameter else { continue }
        state.values[id] =
          EagerVariable<Float>(
            parameter, seed: engine.seed, initial: engine.initial?[id.name]
          ).values
      }
      try engine.load(state)
    }
  }
}

extension EagerParameterEngine {
  /// A plan of the model with the values as they are now: a trained plan, with the states of the
  /// optimizer where it is to keep them.
  package func trainedPlan(of plan: Plan) throws -> Plan {
    let session = try Session(plan: plan, threads: 1)
    for record in plan.parameters {
      guard let variable = engine.variable(ParameterID(record.name)) else { continue }
      let columns = plan.training.optimizer.stateColumns(
        of: record.name, columns: record.columns)
      session.set(
        InitialValues.Rows(
          parameter: record.name, ranges: [0..<record.rows], values: variable.values,
          states: variable.states.map { Array($0.prefix(record.rows * columns)) }))
    }
    return session.trainedPlan(at: step)
  }
}
