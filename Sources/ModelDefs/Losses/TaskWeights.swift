import GraphIR
import Schema
import TensorTypes

/// The factors w_k of the tasks' losses, where they are state of the training rather than learned.
struct TaskWeights<E: Emitter> {
  private let emitter: E
  private let weighting: TaskWeighting
  private let tasks: [TaskSpec]
  /// f32[K]; nil where every factor is 1, learned or a regression's.
  private let weights: E.Tensor?
  /// By task, where every task keeps its weight; nil for a factor of 1.
  private let regressions: [RegressionWeight?]

  /// - Parameter priors: What is known of the tasks' labels.
  init(
    _ weighting: TaskWeighting, _ tasks: [TaskSpec], _ priors: [LabelPrior?], on emitter: E
  ) throws {
    regressions = zip(tasks, priors).map { task, prior in
      weighting == .fixed && tasks.count > 1 ? RegressionWeight(task, prior) : nil
    }
    self.emitter = emitter
    self.weighting = weighting
    self.tasks = tasks
    switch weighting {
    case .fixed, .uncertainty, .pcGrad: weights = nil
    case .dynamicAverage, .gradNorm:
      weights = try Self.state(TaskWeighting.weightsParameter, 1, tasks.count, emitter)
    }
  }

  private static func state(
    _ name: String, _ start: Double, _ count: Int, _ emitter: E
  ) throws -> E.Tensor {
    try emitter.parameter(
      Parameter(ParameterID(name), .f32(.fixed(count)), .constant(start), isTrainable: false))
  }

  /// w_k·L_k, f32[], or what takes its place.
  /// - Parameter isAbsent: Whether no row of the batch has a label, where the loss does not say so.
  func weighted(_ loss: E.Tensor, task: Int, isAbsent: E.Tensor? = nil) throws -> E.Tensor {
    let name = tasks[task].name
    switch weighting {
    case .fixed:
      return try regressions[task]?.weighted(loss, isAbsent: isAbsent, on: emitter) ?? loss
    case .pcGrad: return loss
    case .uncertainty: return try emitter.uncertaintyWeighted(loss, task: name)
    case .dynamicAverage, .gradNorm:
      guard let weights else { return loss }
      let weight = try emitter.reshape(
        emitter.slice(weights, axis: 0, task..<task + 1), .scalar)
      try emitter.output(OutputName.weight(name), weight)
      return try emitter.mul(loss, weight)
    }
  }

  /// What the weighting keeps from step to step beside the weights.
  /// - Parameters:
  ///   - losses: The tasks' own, f32[] each.
  ///   - batch: What is known of the whole batch where these rows are a part of it.
  func keepState(_ losses: [E.Tensor], _ batch: BatchWeights<E>?) throws {
    let count = losses.count
    switch weighting {
    case .fixed, .uncertainty, .pcGrad: return
    case .gradNorm:
      // Changed where the gradients are known.
      _ = try Self.state(TaskWeighting.firstLossesParameter, 0, count, emitter)
    case .dynamicAverage:
      _ = try Self.state(TaskWeighting.lastLossesParameter, 0, count, emitter)
      let sums = try Self.state(TaskWeighting.lossSumsParameter, 0, count, emitter)
      let row = try emitter.concat(losses.map { try emitter.reshape($0, [1]) }, axis: 0)
      let rows = try batch?.rows ?? emitter.batchSize()
      let next = try emitter.add(sums, emitter.mul(row, rows))
      let id = ParameterID(TaskWeighting.lossSumsParameter)
      _ = try emitter.emit(.effect(.assign(id, .f32(.fixed(count)))), [next])
    }
  }
}
