import GraphIR
import Schema
import TensorTypes

/// Differentiates each task's loss by itself and joins the gradients as GradNorm or PCGrad asks.
///
/// h_k is the gradient of c_k·w_k·L_k, c_k the spec's weight of task k. A parameter of one task
/// alone moves along that task's h_k; what the model adds to the losses is added to every gradient.
struct TaskGradients {
  let objective: TaskObjective
  let reverse: ReverseMode
  /// Whether the weights are moved.
  let changesState: Bool

  private var builder: GraphBuilder { reverse.builder }
  private var count: Int { objective.tasks.count }

  init(_ objective: TaskObjective, _ reverse: ReverseMode, changesState: Bool) {
    self.objective = objective
    self.reverse = reverse
    self.changesState = changesState
  }

  func gradients() throws -> [ParameterID: ValueID] {
    let weights = try factors()
    var own: [[ParameterID: ValueID]] = []
    for (task, weight) in zip(objective.tasks, weights) {
      let root = try reverse.graph.differentiableOutput(OutputName.loss(task.task))
      let seed = try weight.map { try builder.scale($0, by: task.weight) }
      own.append(
        try reverse.gradients(of: root, seed: seed ?? builder.constant(task.weight)))
    }
    // Passes may have joined parameters of one task with those of others; their zeros are left out.
    for k in own.indices {
      own[k] = own[k].filter { objective.reach[$0.key]?.contains(k) == true }
    }
    let shared = reverse.graph.parameters.map(\.id).filter(objective.isShared)
    var coefficients = [ValueID?](repeating: nil, count: count)
    switch objective.weighting {
    case .fixed, .uncertainty, .dynamicAverage: break
    case .gradNorm(let alpha, let rate):
      try moveWeights(own, shared, alpha: alpha, rate: rate)
    case .pcGrad:
      coefficients = try projections(own, shared)
      for (task, coefficient) in zip(objective.tasks, coefficients) {
        guard let coefficient else { continue }
        try builder.output(OutputName.weight(task.task), coefficient)
      }
    }
    // Node by node in the order of the parameters, so that a model always compiles to the same plan.
    var sums: [ParameterID: ValueID] = [:]
    let all = reverse.graph.parameters.map(\.id)
    for k in own.indices {
      for id in all {
        guard let gradient = own[k][id] else { continue }
        let part =
          objective.isShared(id)
          ? try coefficients[k].map { try builder.mul(gradient, $0) } ?? gradient : gradient
        sums[id] = try sums[id].map { try builder.add($0, part) } ?? part
      }
    }
    if reverse.graph.output(named: OutputName.penalty) != nil {
      let root = try reverse.graph.differentiableOutput(OutputName.penalty)
      let more = try reverse.gradients(of: root, seed: builder.constant(1))
      for id in all {
        guard let gradient = more[id] else { continue }
        sums[id] = try sums[id].map { try builder.add($0, gradient) } ?? gradient
      }
    }
    return sums
  }

  /// The w_k, f32[] each; nil for 1.
  private func factors() throws -> [ValueID?] {
    guard case .gradNorm = objective.weighting else { return objective.tasks.map { _ in nil } }
    let weights = try state(TaskWeighting.weightsParameter)
    return try (0..<count).map { try element($0, of: weights) }
  }

  // MARK: GradNorm

  /// One step of gradient descent on Σ_k |G_k − T_k| by the weights, with the targets
  /// T_k = mean(G)·r_k^alpha held fixed, and back to a sum of K. G_k = w_k·‖∇ c_k·L_k‖, so that its
  /// derivative by w_k is G_k / w_k.
  private func moveWeights(
    _ own: [[ParameterID: ValueID]], _ shared: [ParameterID], alpha: Double, rate: Double
  ) throws {
    guard changesState else { return }
    let e = builder
    let tiny = try e.constant(1e-12)
    let norms = try row(own.map { try e.sqrt(dot($0, $0, shared)) })
    let losses = try row(
      objective.tasks.map {
        try reverse.graph.differentiableOutput(OutputName.loss($0.task))
      })
    let weights = try state(TaskWeighting.weightsParameter)
    let known = try state(TaskWeighting.firstLossesParameter)
    let isFirst = try e.compare(.equal, known, e.constant(0))
    let first = try e.select(isFirst, losses, known)
    let progress = try e.div(losses, e.max(first, tiny))
    let pace = try e.div(progress, e.max(mean(progress), tiny))
    let power = try e.exp(e.scale(e.log(e.max(pace, tiny)), by: alpha))
    let target = try e.mul(mean(norms), power)
    let slope = try e.mul(e.unary(.sign, e.sub(norms, target)), e.div(norms, weights))
    let moved = try e.max(e.sub(weights, e.scale(slope, by: rate)), e.constant(smallestWeight))
    let total = try e.sum(moved)
    let next = try e.div(e.scale(moved, by: Double(count)), total)
    try assign(TaskWeighting.weightsParameter, next)
    try assign(TaskWeighting.firstLossesParameter, first)
  }

  /// No weight falls below this, so that every task keeps a gradient to be measured.
  private var smallestWeight: Double { 1e-3 }

  private func mean(_ x: ValueID) throws -> ValueID {
    try builder.scale(builder.sum(x), by: 1 / Double(count))
  }

  // MARK: PCGrad

  /// The factors s_k with which the h_k add up to the sum of the projected gradients.
  ///
  /// The projection of h_i stays a combination Σ_m a_im·h_m, so that all inner products follow from
  /// those of the h_k, and the gradients themselves are gone through only twice. All tasks go
  /// through the others at once, each in its own order: one of them in each round.
  private func projections(
    _ own: [[ParameterID: ValueID]], _ shared: [ParameterID]
  ) throws -> [ValueID] {
    guard count > 0 else { return [] }
    let e = builder
    var products = [[ValueID]](repeating: [], count: count)
    for i in 0..<count {
      for j in 0..<count {
        products[i].append(try j < i ? products[j][i] : dot(own[i], own[j], shared))
      }
    }
    let square: Shape = [.fixed(count), .fixed(count)]
    let matrix = try e.reshape(row(products.flatMap { $0 }), [1, .fixed(count), .fixed(count)])
    let norms = try e.reshape(
      row(products.indices.map { products[$0][$0] }), [1, .fixed(count)])
    let identity = try table { $0 == $1 }
    let ranks = try ranks(identity)
    var parts = identity
    for round in 0..<max(count - 1, 0) {
      // Row i has a 1 at the task that i is projected away from now.
      let chosen = try e.convertToFloat(e.compare(.equal, ranks, e.constant(Double(round))))
      let combined = try e.sum(
        e.mul(e.reshape(parts, [.fixed(count), .fixed(count), 1]), matrix), axes: [1])
      let product = try e.sum(e.mul(combined, chosen), axes: [1], keepAxes: true)
      let norm = try e.sum(e.mul(norms, chosen), axes: [1], keepAxes: true)
      let against = try e.min(product, e.constant(0))
      let share = try e.div(against, e.max(norm, e.constant(1e-30)))
      parts = try e.sub(parts, e.mul(e.broadcast(share, to: square), chosen))
    }
    let totals = try e.sum(parts, axes: [0])
    return try (0..<count).map { try element($0, of: totals) }
  }

  /// In row i the round in which task i is projected away from task j, from 0, and for i itself the
  /// last one, which is none: f32[K, K]. The order is drawn at each step; of two tasks there is one.
  private func ranks(_ identity: ValueID) throws -> ValueID {
    let e = builder
    guard count > 2 else {
      return try e.convertToFloat(e.compare(.greater, identity, e.constant(0)))
    }
    let size = Dimension.fixed(count)
    // Drawn numbers lie below 1.
    let keys = try e.add(e.random([size, size]), identity)
    let left = try e.broadcast(e.reshape(keys, [size, size, 1]), to: [size, size, size])
    let right = try e.broadcast(e.reshape(keys, [size, 1, size]), to: [size, size, size])
    // Equal numbers keep the order of the tasks.
    let earlier = try e.reshape(table { $1 < $0 }, [1, size, size])
    let isBefore = try e.convertToFloat(e.compare(.less, right, left))
    let isTied = try e.mul(e.convertToFloat(e.compare(.equal, right, left)), earlier)
    return try e.sum(e.add(isBefore, isTied), axes: [2])
  }

  /// Ones where it holds of row and column, zeros elsewhere: f32[K, K].
  private func table(_ holds: (Int, Int) -> Bool) throws -> ValueID {
    let cells = try (0..<count).flatMap { i in
      try (0..<count).map { try builder.constant(holds(i, $0) ? 1 : 0) }
    }
    return try builder.reshape(row(cells), [.fixed(count), .fixed(count)])
  }

  // MARK: Vectors of gradients and of tasks

  /// ⟨a, b⟩ over the shared parameters, f32[].
  private func dot(
    _ a: [ParameterID: ValueID], _ b: [ParameterID: ValueID], _ shared: [ParameterID]
  ) throws -> ValueID {
    var sum: ValueID?
    for id in shared {
      guard let x = a[id], let y = b[id] else { continue }
      let part = try builder.sum(x == y ? builder.unary(.square, x) : builder.mul(x, y))
      sum = try sum.map { try builder.add($0, part) } ?? part
    }
    return try sum ?? builder.constant(0)
  }

  private var rowType: TensorType { .f32(.fixed(count)) }

  /// Scalars side by side, f32[K].
  private func row(_ scalars: [ValueID]) throws -> ValueID {
    try builder.concat(scalars.map { try builder.reshape($0, [1]) }, axis: 0)
  }

  private func element(_ k: Int, of row: ValueID) throws -> ValueID {
    try builder.reshape(builder.slice(row, axis: 0, k..<k + 1), .scalar)
  }

  private func state(_ name: String) throws -> ValueID {
    try builder.emitOne(.source(.parameter(ParameterID(name), rowType)), [])
  }

  private func assign(_ name: String, _ value: ValueID) throws {
    try builder.emit(.effect(.assign(ParameterID(name), rowType)), [value])
  }
}
