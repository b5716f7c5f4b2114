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

  /// What rounding may have done to the optimizer so far.
  struct Noise {
    /// By parameter how far its gradient may be off by rounding, the most of all steps, and which
    /// elements had one.
    fileprivate var largest: [String: Scalar] = [:]
    fileprivate var moved: [String: [Bool]] = [:]
    /// The optimizer's state by parameter, had rounding always moved its gradient up, or down.
    fileprivate var states: [String: (up: [[Scalar]], down: [[Scalar]])] = [:]
  }

  let model: EagerModel<Scalar>
  /// Where to write the feeds.
  let destinations: [UnsafeMutableRawPointer?]
  private let memory: FeedMemory
  private let tasks: [TaskRecord]
  /// What the steps so far may have done to the optimizer by rounding.
  var noise = Noise()
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

  /// How far the optimizer's step may be moved by rounding, element by element: from a gradient of
  /// nothing but rounding, now or in what momentum is made of, Adam and Lion make steps of full length
  /// in either direction. The rounding is of this step alone, or of all steps so far.
  /// - Parameters:
  ///   - before: The state before the step that `exact` belongs to.
  ///   - perturbed: The gradients with rounding added, a draw each. What is zero in all is zero on
  ///     purpose.
  /// - Returns: The bands, and `noise` with this step.
  func bands(
    _ before: EagerState<Scalar>, _ exact: [String: [Scalar]], perturbed: [[String: [Scalar]]]
  ) -> (bands: [String: [Scalar]], noise: Noise) {
    var noise = noise
    let names = exact.keys.sorted()
    let clipped = model.clipping.applied(to: names.map { exact[$0] ?? [] })
    let step = EagerOptimizerStep(
      model.optimizer, learningRate: model.learningRate,
      step: before.step.plus(engine.initial?.step ?? 0) + 1)
    var bands: [String: [Scalar]] = [:]
    for (name, gradient) in zip(names, clipped) {
      let id = ParameterID(name)
      guard var variable = engine.variable(id), let values = before.values[id],
        let own = exact[name]
      else { continue }
      let others = perturbed.compactMap { $0[name] }.filter { $0.count == own.count }
      guard !others.isEmpty else { continue }
      var distance = Scalar(0)
      var isMoved = own.map { $0 != 0 }
      for other in others {
        for k in own.indices {
          distance = Swift.max(distance, Swift.abs(own[k] - other[k]))
          if other[k] != 0 { isMoved[k] = true }
        }
      }
      let largest = Swift.max(
        noise.largest[name] ?? 0, Scalar(ModeDistances.allowance) * distance)
      guard largest.isFinite else { continue }
      noise.largest[name] = largest
      // Tables that are updated by rows keep nothing of rows without a gradient.
      let isSparse = model.optimizer.sparse?.tables.contains(name) == true
      if !isSparse, let earlier = noise.moved[name] {
        for k in isMoved.indices where earlier[k] { isMoved[k] = true }
      }
      noise.moved[name] = isMoved
      /// The values after a step from these states, which move along.
      func stepped(by noise: Scalar, _ states: inout [[Scalar]]) -> [Scalar] {
        variable.values = values
        variable.states = states
        let changed = zip(gradient, isMoved).map { $1 ? $0 + noise : $0 }
        Scalar.update(&variable, gradient: changed, step)
        states = variable.states
        return variable.values
      }
      func spread(_ up: inout [[Scalar]], _ down: inout [[Scalar]]) -> [Scalar] {
        zip(stepped(by: largest, &up), stepped(by: -largest, &down)).map { Swift.abs($0 - $1) }
      }
      let states = before.states[id] ?? []
      var (up, down) = (states, states)
      let now = spread(&up, &down)
      var kept = noise.states[name] ?? (states, states)
      let ever = spread(&kept.up, &kept.down)
      noise.states[name] = kept
      bands[name] = zip(now, ever).map { Swift.max($0, $1) }
    }
    return (bands, noise)
  }

  /// Goes on from another computation's weights, so that rounding is not carried on.
  func setParameter(_ name: String, _ values: [Float]) throws {
    try engine.setValues(of: ParameterID(name), values.map { Scalar($0) })
  }
}
