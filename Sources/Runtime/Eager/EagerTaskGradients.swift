import GraphIR
import Schema

/// The gradients of each task by itself, joined by GradNorm or PCGrad: written from the papers over
/// plain vectors, apart from what the compiler emits.
struct EagerTaskGradients<Scalar: EagerScalar> {
  /// By parameter, as `reads`.
  private(set) var joined: [[Scalar]] = []
  /// By task.
  private(set) var factors: [String: Scalar] = [:]
  private let tasks: [TaskWeight]
  private let weighting: TaskWeighting
  private let losses: [Scalar]
  private let weights: [Scalar]
  /// ‖h_k‖ over the shared parameters.
  private var norms: [Scalar] = []

  /// - Parameters:
  ///   - engine: within a step whose losses are computed.
  ///   - reads: the trainable parameters as the step read them.
  init(
    _ engine: EagerEngine<Scalar>, _ reads: [EagerTensor<Scalar>], tasks: [TaskWeight],
    weighting: TaskWeighting
  ) throws {
    self.tasks = tasks
    self.weighting = weighting
    let state = engine.variable(ParameterID(TaskWeighting.weightsParameter))?.values
    weights = state ?? tasks.map { _ in 1 }
    guard weights.count == tasks.count else {
      throw EagerError.unknownParameter(ParameterID(TaskWeighting.weightsParameter))
    }
    var losses: [Scalar] = []
    // By task and parameter: the gradient of c_k·w_k·L_k, nil where the task does not depend on it.
    var own: [[[Scalar]?]] = []
    for (k, task) in tasks.enumerated() {
      let name = OutputName.loss(task.task)
      guard let loss = engine.output(named: name), let value = loss.scalar else {
        throw EagerError.missingOutput(name)
      }
      losses.append(value)
      let factor = Scalar(task.weight) * weights[k]
      own.append(
        try engine.cotangents(of: loss, withRespectTo: reads, createGraph: false).map { found in
          found.map { $0.floats.map { $0 * factor } }
        })
    }
    self.losses = losses
    let shared = reads.indices.map { p in own.filter { $0[p] != nil }.count > 1 }
    let vectors = own.map { gradients in
      reads.indices.filter { shared[$0] }.flatMap { p in
        gradients[p] ?? [Scalar](repeating: 0, count: reads[p].count)
      }
    }
    norms = vectors.map { Self.dot($0, $0).squareRoot() }
    for p in reads.indices {
      joined.append(Self.sum(own.compactMap { $0[p] }, count: reads[p].count))
    }
    if case .pcGrad = weighting {
      // Of two tasks there is one order.
      let keys =
        tasks.count > 2
        ? CounterRandom(seed: engine.seed).uniforms(
          stream: engine.makeRandomStream(), step: engine.step, count: tasks.count * tasks.count)
        : [Float](repeating: 0, count: tasks.count * tasks.count)
      let projected = project(vectors, keys, engine)
      var place = 0
      for p in reads.indices where shared[p] {
        joined[p] = Array(projected[place..<place + reads[p].count])
        place += reads[p].count
      }
    } else {
      for (task, weight) in zip(tasks, weights) { factors[task.task] = weight }
    }
    guard let penalty = engine.output(named: OutputName.penalty) else { return }
    let more = try engine.gradients(of: penalty, withRespectTo: reads)
    for p in reads.indices {
      joined[p] = Self.sum([joined[p], more[p].floats], count: more[p].count)
    }
  }

  /// Σ_i of h_i less its components along the h_j that it points against, one after the other.
  ///
  /// Of gradients that point exactly against each other nothing is left, in single precision what
  /// rounding leaves of numbers of their size: an engine that adds roundings has them here too.
  /// - Parameter keys: K × K numbers; task i goes through the others by those of row i, rising.
  private mutating func project(
    _ vectors: [[Scalar]], _ keys: [Float], _ engine: EagerEngine<Scalar>
  ) -> [Scalar] {
    let count = vectors.count
    /// Σ_i of the magnitudes of the shares in which each task is taken.
    var sizes = [Double](repeating: 0, count: count)
    func product(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
      let exact = Self.dot(a, b)
      guard engine.perturbation != nil else { return exact }
      let size = zip(a, b).reduce(0.0) { $0 + Double($1.0 * $1.1).magnitude }
      return engine.perturbation?.moved(exact, of: size, terms: a.count) ?? exact
    }
    var totals = [Scalar](repeating: 0, count: count)
    var projected: [[Scalar]] = []
    for i in 0..<count {
      var vector = vectors[i]
      totals[i] += 1
      sizes[i] += 1
      let others = (0..<count).filter { $0 != i }
      let order = others.sorted { (keys[i * count + $0], $0) < (keys[i * count + $1], $1) }
      for j in order {
        let against = product(vector, vectors[j])
        guard against < 0 else { continue }
        let share = against / Swift.max(product(vectors[j], vectors[j]), Scalar(1e-30))
        for k in vector.indices { vector[k] -= share * vectors[j][k] }
        totals[j] -= share
        sizes[j] += Double(share).magnitude
      }
      projected.append(vector)
    }
    for (task, total) in zip(tasks, totals) { factors[task.task] = total }
    var sum = Self.sum(projected, count: projected.first?.count ?? 0)
    for k in sum.indices where engine.perturbation != nil {
      let size = zip(sizes, vectors).reduce(0.0) { $0 + $1.0 * Double($1.1[k]).magnitude }
      sum[k] = engine.perturbation?.moved(sum[k], of: size, terms: count) ?? sum[k]
    }
    return sum
  }

  /// GradNorm, algorithm 1: a gradient step on Σ|G_k − mean(G)·r_k^α|, then a sum of K.
  func moveWeights(_ engine: EagerEngine<Scalar>) throws {
    guard case .gradNorm(let alpha, let rate) = weighting else { return }
    let id = ParameterID(TaskWeighting.firstLossesParameter)
    var first = engine.variable(id)?.values ?? losses
    for k in first.indices where first[k] == 0 { first[k] = losses[k] }
    let count = Scalar(tasks.count)
    let tiny = Scalar(1e-12)
    let progress = tasks.indices.map { losses[$0] / Swift.max(first[$0], tiny) }
    let pace = Swift.max(progress.reduce(0, +) / count, tiny)
    let mean = norms.reduce(0, +) / count
    var next = weights
    for k in tasks.indices {
      let ratio = Swift.max(progress[k] / pace, tiny)
      let target = mean * Scalar.exp(Scalar(alpha) * Scalar.log(ratio))
      let sign: Scalar = norms[k] > target ? 1 : norms[k] < target ? -1 : 0
      next[k] = Swift.max(weights[k] - Scalar(rate) * sign * norms[k] / weights[k], Scalar(1e-3))
    }
    let total = next.reduce(0, +)
    try engine.setValues(
      of: ParameterID(TaskWeighting.weightsParameter), next.map { $0 * count / total })
    try engine.setValues(of: id, first)
  }

  private static func dot(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += Double(x) * Double(y) }
    return Scalar(sum)
  }

  private static func sum(_ vectors: [[Scalar]], count: Int) -> [Scalar] {
    var result = [Scalar](repeating: 0, count: count)
    for vector in vectors {
      for k in result.indices { result[k] += vector[k] }
    }
    return result
  }
}
