import GraphIR
import Plan
import Schema

/// Several losses whose gradients are made into one by more than a sum: GradNorm and PCGrad.
public struct TaskObjective: Sendable, Hashable {
  public var weighting: TaskWeighting
  public var tasks: [TaskWeight]
  /// By parameter, the places in `tasks` of the losses that depend on it. Shared are the parameters
  /// of two tasks or more.
  public var reach: [ParameterID: Set<Int>]

  /// Nil where the settings ask for nothing but a sum.
  /// - Parameter graph: The training graph as the model emits it.
  /// - Throws: `DifferentiationError` when it lacks a task's loss.
  public init?(_ settings: TrainingSettings, _ graph: Graph) throws {
    guard settings.taskWeighting.needsTaskGradients else { return nil }
    weighting = settings.taskWeighting
    tasks = settings.taskWeights
    reach = [:]
    let graph = try graph.withoutEffects()
    for (place, task) in tasks.enumerated() {
      let root = try graph.differentiableOutput(OutputName.loss(task.task))
      // Where a gradient arrives is what counts: nothing passes a stop_gradient or a comparison.
      let builder = GraphBuilder(extending: graph)
      let gradients = try ReverseMode(graph, builder, rules: [:]).gradients(
        of: root, seed: builder.constant(1))
      for id in gradients.keys { reach[id, default: []].insert(place) }
    }
  }

  func isShared(_ id: ParameterID) -> Bool { (reach[id]?.count ?? 0) > 1 }
}
