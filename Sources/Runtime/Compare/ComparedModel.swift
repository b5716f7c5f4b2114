import GraphIR
import Plan
import Schema

/// A model run op by op on the rows of a comparison.
final class ComparedModel<Scalar: EagerScalar> {
  /// What a step leaves, by name.
  struct Values {
    var losses: [String: [Scalar]] = [:]
    var gradients: [String: [Scalar]] = [:]
    var parameters: [String: [Scalar]] = [:]
  }

  let model: EagerModel<Scalar>
  /// Where to write the feeds.
  let destinations: [UnsafeMutableRawPointer?]
  private let memory: FeedMemory
  private let tasks: [TaskRecord]
  var engine: EagerEngine<Scalar> { model.engine }

  init(
    _ model: EagerModel<Scalar>, tasks: [TaskRecord], feeds: [FeedLayout.Feed], capacity: Int
  ) {
    self.model = model
    self.tasks = tasks
    memory = FeedMemory(feeds, rows: capacity)
    destinations = memory.blocks.map { $0 }
  }

  /// - Parameter isUpdating: false to leave parameters and the count of steps as they are.
  @discardableResult
  func step(rows: Int, isUpdating: Bool = true) throws -> Values {
    let outputs = try model.step(
      batchSize: rows, feeds: memory.storage(rows: rows), isUpdating: isUpdating)
    var values = Values()
    let lossNames =
      [OutputName.loss] + tasks.map { OutputName.loss($0.name) }
    for name in lossNames { values.losses[name] = outputs[name]?.floats }
    for (id, gradient) in model.gradients { values.gradients[id.name] = gradient }
    for id in engine.parameterIDs { values.parameters[id.name] = engine.variable(id)?.values }
    return values
  }

  /// How far the optimizer's step moves each element when its gradient changes by `noise`: from a
  /// gradient of nothing but rounding, Adam and Lion make steps of full length in either direction.
  /// - Parameters:
  ///   - before: The state before the step that `gradients` belong to.
  ///   - noise: What the elements of a gradient that are not zero may be off by.
  func bands(
    _ before: EagerState<Scalar>, _ gradients: [String: [Scalar]], noise: [String: Scalar]
  ) -> [String: [Scalar]] {
    let names = gradients.keys.sorted()
    let clipped = model.clipping.applied(to: names.map { gradients[$0] ?? [] })
    let step = EagerOptimizerStep(
      model.optimizer, learningRate: model.learningRate, step: before.step + 1)
    var bands: [String: [Scalar]] = [:]
    for (name, gradient) in zip(names, clipped) {
      let id = ParameterID(name)
      guard var variable = engine.variable(id), let values = before.values[id] else { continue }
      func moved(by noise: Scalar) -> [Scalar] {
        variable.values = values
        variable.states = before.states[id] ?? []
        Scalar.update(
          &variable, gradient: gradient.map { $0 == 0 ? 0 : $0 + noise }, step)
        return variable.values
      }
      let noise = noise[name] ?? 0
      bands[name] = zip(moved(by: noise), moved(by: -noise)).map { Swift.abs($0 - $1) }
    }
    return bands
  }

  /// Goes on from another computation's weights, so that rounding is not carried on.
  func setParameter(_ name: String, _ values: [Float]) throws {
    try engine.setValues(of: ParameterID(name), values.map { Scalar($0) })
  }
}
