import GraphIR

/// A model of a funnel.
package protocol FunnelModel: ModelDefinition {
  var funnel: Funnel { get }
}

extension FunnelModel {
  package func check(_ scope: ModelScope) { funnel.check(scope) }
  package func funnelSteps(_ tasks: [TaskSpec]) -> [String] { funnel.names(tasks) }
  package func conditionalOutputs(_ tasks: [TaskSpec]) -> [ConditionalOutput] {
    funnel.outputs(tasks)
  }
}

/// The steps of a funnel, click → purchase and the like: which task is which step, and what follows
/// from the conditional probabilities of the steps.
package struct Funnel: Sendable {
  /// The tasks in the order of the steps, by name; empty for the order of the spec.
  var steps: [String]
  var conditionalOutputs: Bool
  /// The weight of the penalty on a step that is likelier than the one before.
  var alpha: Double

  public static let funnel = SpecKey.strings(
    "funnel",
    "The tasks from the first step to the last. Without `tasks` in the spec, the columns of the"
      + " steps, each a task."
  ).optional("the tasks in their order")
  public static let conditional = SpecKey.boolean(
    "conditional_outputs", default: false,
    "Also predict each step given the one before, as `<step>_given_<step before>`.")
  public static let alphaKey = SpecKey.number(
    "alpha", default: 0, .notNegative,
    "The weight of the penalty Σ max(p_t − p_(t−1), 0), the mean over the rows. It is 0 wherever each"
      + " p_t is p_(t−1) times a probability.")

  /// The keys of every funnel but `alpha`, whose default is the model's own.
  static let commonKeys: [any AnySpecKey] = [funnel, conditional]
  static let keys: [any AnySpecKey] = commonKeys + [alphaKey]

  /// - Parameter alpha: The model's key of that name.
  init(_ section: SectionReader, alpha: SpecKey<Double> = Self.alphaKey) {
    steps = section[Self.funnel] ?? []
    conditionalOutputs = section[Self.conditional]
    self.alpha = section[alpha]
  }

  func check(_ scope: ModelScope) {
    let names = scope.tasks.map(\.name)
    if names.count < 2 { scope.report("a funnel needs two tasks or more") }
    for task in scope.tasks where task.loss != .binaryCrossEntropy {
      scope.report(
        "the task \(quoted(task.name)) has the loss \(quoted(task.loss.rawValue)); the steps of a"
          + " funnel need \(quoted(LossKind.binaryCrossEntropy.rawValue))")
    }
    for (step, task) in order(scope.tasks).enumerated()
    where step > 0 && scope.tasks[task].negativeSamplingRate < 1 {
      scope.report(
        "the task \(quoted(scope.tasks[task].name)) has a \"negative_sampling_rate\"; in a funnel"
          + " rows are left out by the label of its first step")
    }
    for output in outputs(scope.tasks) where names.contains(output.name) {
      scope.report(
        "the output \(quoted(output.name)) would have the name of a task", Self.conditional)
    }
    guard !steps.isEmpty else { return }
    scope.checkTaskNames(Self.funnel)
    for name in names where !steps.contains(name) {
      scope.report("does not name the task \(quoted(name))", Self.funnel)
    }
    if Set(steps).count < steps.count { scope.report("names a task twice", Self.funnel) }
  }

  /// The places of the steps in the list of tasks.
  func order(_ tasks: [TaskSpec]) -> [Int] {
    steps.isEmpty
      ? Array(tasks.indices) : steps.compactMap { step in tasks.firstIndex { $0.name == step } }
  }

  /// The steps from first to last.
  func names(_ tasks: [TaskSpec]) -> [String] { order(tasks).map { tasks[$0].name } }

  func outputs(_ tasks: [TaskSpec]) -> [ConditionalOutput] {
    guard conditionalOutputs else { return [] }
    let steps = names(tasks)
    return zip(steps, steps.dropFirst()).map { ConditionalOutput(task: $1, condition: $0) }
  }

  /// The context of models whose towers give the logits of P(step | step before): the base rates
  /// are the conditional ones, as if each row of a step were one of the step before.
  func conditional(_ context: ModelContext) -> ModelContext {
    var context = context
    let order = order(context.tasks)
    let marginal = context.priors
    for (before, step) in zip(order, order.dropFirst()) {
      guard let whole = marginal[before], let part = marginal[step] else { continue }
      context.priors[step] = LabelPrior(
        count: part.count * whole.mean, mean: whole.mean > 0 ? min(part.mean / whole.mean, 1) : 0)
    }
    return context
  }

  /// The heads for the logits of P(step | step before): each task's probability is the product of
  /// the factors up to its step.
  func heads<E: Emitter>(
    conditional logits: [E.Tensor], _ tasks: [TaskSpec], on e: E
  ) throws -> ModelHeads<E.Tensor> {
    var products: [ProbabilityProduct<E.Tensor>] = []
    for (task, z) in zip(order(tasks), logits) {
      products.append(
        try e.product(products.last, logit: z, predictionOffset: tasks[task].logitOffset))
    }
    var heads = ModelHeads<E.Tensor>(
      try inTaskOrder(products, tasks).map { TaskHead.product($0) })
    try addPenalty(products.map(\.probability), to: &heads, on: e)
    for (output, z) in zip(outputs(tasks), logits.dropFirst()) {
      heads.extras.append((output.name, try e.sigmoid(z)))
    }
    return heads
  }

  /// The heads for the logits of P(step) itself, with the penalty on their order.
  func heads<E: Emitter>(
    marginal logits: [E.Tensor], _ tasks: [TaskSpec], on e: E
  ) throws -> ModelHeads<E.Tensor> {
    var heads = ModelHeads(try inTaskOrder(logits, tasks))
    guard alpha > 0 || conditionalOutputs else { return heads }
    let probabilities = try logits.map { try e.sigmoid($0) }
    try addPenalty(probabilities, to: &heads, on: e)
    for (output, pair) in zip(outputs(tasks), zip(probabilities, probabilities.dropFirst())) {
      // Nothing but the penalty keeps the ratio below 1.
      let ratio = try e.div(pair.1, e.max(pair.0, e.constant(1e-12)))
      heads.extras.append((output.name, try e.min(ratio, e.constant(1))))
    }
    return heads
  }

  /// - Parameter probabilities: Of the steps in their order.
  private func addPenalty<E: Emitter>(
    _ probabilities: [E.Tensor], to heads: inout ModelHeads<E.Tensor>, on e: E
  ) throws {
    guard alpha > 0, let penalty = try e.orderPenalty(probabilities) else { return }
    heads.penalties.append(("order", try e.scale(penalty, by: alpha)))
  }

  private func inTaskOrder<T>(_ values: [T], _ tasks: [TaskSpec]) throws -> [T] {
    let order = order(tasks)
    let sorted = tasks.indices.compactMap { task in
      order.firstIndex(of: task).flatMap { $0 < values.count ? values[$0] : nil }
    }
    guard sorted.count == tasks.count else {
      throw ModelError("the funnel has \(values.count) steps for \(tasks.count) tasks")
    }
    return sorted
  }
}
