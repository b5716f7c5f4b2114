import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// PCGrad and GradNorm on losses whose gradients are known, worked out here in double precision,
/// against the eager engine and compiled plans.
@Suite struct TaskWeightingTests {
  /// Tasks with the losses s·(½‖p‖² + v_k·p) + 3·q_k over a shared p and a q_k of their own, and a
  /// penalty 0.5·Σp.
  private struct Problem: Sendable {
    var vectors: [[Double]]
    var weights: [Double]
    var curvature = 0.0
    var hasPenalty = false

    var count: Int { vectors[0].count }
    var tasks: [TaskWeight] {
      weights.enumerated().map { TaskWeight(task: "t\($0)", weight: $1) }
    }

    func emit<E: Emitter>(_ weighting: TaskWeighting, on e: E) throws {
      let p = try e.parameter(
        Parameter(ParameterID("p"), .f32(.fixed(count)), .constant(0.5)))
      var total = try e.constant(0)
      var factors: E.Tensor?
      if case .gradNorm = weighting {
        let type = TensorType.f32(.fixed(vectors.count))
        factors = try e.parameter(
          Parameter(
            ParameterID(TaskWeighting.weightsParameter), type, .constant(1), isTrainable: false))
        _ = try e.parameter(
          Parameter(
            ParameterID(TaskWeighting.firstLossesParameter), type, .constant(0),
            isTrainable: false))
      }
      for (k, vector) in vectors.enumerated() {
        let q = try e.parameter(Parameter(ParameterID("q\(k)"), .f32(), .constant(1)))
        let row = try e.concat(vector.map { try e.constant($0, .f32(1)) }, axis: 0)
        let inner = try e.sum(e.mul(p, row))
        let square = try e.scale(e.sum(e.square(p)), by: curvature / 2)
        let loss = try e.add(e.add(inner, square), e.scale(q, by: 3))
        try e.output("loss.t\(k)", loss)
        var share = try e.scale(loss, by: weights[k])
        if let factors {
          share = try e.mul(share, e.reshape(e.slice(factors, axis: 0, k..<k + 1), .scalar))
        }
        total = try e.add(total, share)
      }
      if hasPenalty {
        let penalty = try e.scale(e.sum(p), by: 0.5)
        try e.output(OutputName.penalty, penalty)
        total = try e.add(total, penalty)
      }
      try e.output("loss", total)
    }

    func eager(_ weighting: TaskWeighting, rate: Double) -> EagerModel<Double> {
      EagerModel(
        seed: 1, optimizer: .init(kind: .sgd, learningRate: rate), weighting: weighting,
        tasks: tasks
      ) { try emit(weighting, on: $0) }
    }

    func runner(
      _ weighting: TaskWeighting, rate: Double, threads: Int = 1, disabled: Set<String> = []
    ) throws -> PlanRunner {
      let builder = GraphBuilder(name: "tasks")
      try emit(weighting, on: builder)
      let runner = try PlanRunner(
        builder.graph, capacity: 1, disabled: disabled, threads: threads,
        optimizer: .init(kind: .sgd, learningRate: rate)
      ) {
        $0.taskWeighting = weighting
        $0.taskWeights = tasks
      }
      #expect(PlanValidator(runner.plan).findings() == [])
      runner.session.initialize(seed: 1)
      return runner
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Σ_i of the projected gradients, literally as in the paper, in the orders that a first step
  /// with the seed 1 draws.
  private static func projected(_ gradients: [[Double]]) -> [Double] {
    var sum = [Double](repeating: 0, count: gradients[0].count)
    let order = orders(gradients.count)
    for i in gradients.indices {
      var g = gradients[i]
      for j in order[i] where j != i {
        let product = dot(g, gradients[j])
        if product < 0 {
          let share = product / dot(gradients[j], gradients[j])
          g = zip(g, gradients[j]).map { $0 - share * $1 }
        }
      }
      sum = zip(sum, g).map { $0 + $1 }
    }
    return sum
  }

  private static func orders(_ count: Int) -> [[Int]] {
    let keys = CounterRandom(seed: 1).uniforms(stream: 0, step: 0, count: count * count)
    return (0..<count).map { i in
      (0..<count).sorted { keys[i * count + $0] < keys[i * count + $1] }
    }
  }

  @Test func theOrdersAreNotAllTheSame() {
    let orders = Self.orders(4)
    #expect(Set((0..<4).map { i in orders[i].filter { $0 > 1 } }).count == 2)
  }

  private func expect(
    _ found: [Double], _ expected: [Double], _ tolerance: Double,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: location)
    for (x, y) in zip(found, expected) {
      #expect(abs(x - y) < tolerance, "\(found), expected \(expected)", sourceLocation: location)
    }
  }

  /// a = (1, 0) and b = (−1, 1): a loses −½·b, b loses −a, so that (½, ½) + (0, 1) is left.
  @Test func pcGradByHand() throws {
    let problem = Problem(vectors: [[1, 0], [-1, 1]], weights: [1, 1])
    #expect(Self.projected(problem.vectors) == [0.5, 1.5])
    let model = problem.eager(.pcGrad, rate: 0.1)
    try model.step(batchSize: 1, feeds: [:])
    expect(try #require(model.gradients[ParameterID("p")]), [0.5, 1.5], 1e-12)
    expect(try #require(model.gradients[ParameterID("q1")]), [3], 1e-12)
    expect([0, 1].compactMap { model.taskFactors["t\($0)"] }, [2, 1.5], 1e-12)

    let runner = try problem.runner(.pcGrad, rate: 0.1)
    let gradients = try runner.run(.gradients, rows: 1, feeds: [:])
    expect(try #require(gradients["gradient.p"]).map(Double.init), [0.5, 1.5], 1e-6)
    expect(try #require(gradients["gradient.q0"]).map(Double.init), [3], 1e-6)
    let train = try runner.run(.train, rows: 1, feeds: [:])
    expect(try #require(train["weight.t0"]).map(Double.init), [2], 1e-6)
    expect(try #require(train["weight.t1"]).map(Double.init), [1.5], 1e-6)
    expect(try runner.session.parameter("p").map(Double.init), [0.45, 0.35], 1e-6)
  }

  @Test func gradientsThatAgreeAreAdded() throws {
    let problem = Problem(vectors: [[1, 0], [1, 1]], weights: [2, 0.5], hasPenalty: true)
    let runner = try problem.runner(.pcGrad, rate: 0.1)
    let gradients = try runner.run(.gradients, rows: 1, feeds: [:])
    expect(try #require(gradients["gradient.p"]).map(Double.init), [3, 1], 1e-6)
    expect(try #require(gradients["gradient.q0"]).map(Double.init), [6], 1e-6)
  }

  @Test(arguments: [Set<String>(), ["fuse_optimizer"], ["fuse_elementwise", "cse"]])
  func pcGradOfFourTasks(disabled: Set<String>) throws {
    var random = SplitMixNumbers(seed: 7)
    var conflicts = 0
    for _ in 0..<6 {
      let problem = Problem(
        vectors: (0..<4).map { _ in (0..<5).map { _ in random.next() } },
        weights: [1, 2, 0.5, 1.5], hasPenalty: true)
      let own = zip(problem.vectors, problem.weights).map { v, w in v.map { $0 * w } }
      conflicts += own.filter { a in own.contains { Self.dot(a, $0) < 0 } }.count
      let expected = Self.projected(own).map { $0 + 0.5 }
      let model = problem.eager(.pcGrad, rate: 0.1)
      try model.step(batchSize: 1, feeds: [:], isUpdating: false)
      expect(try #require(model.gradients[ParameterID("p")]), expected, 1e-12)
      let runner = try problem.runner(.pcGrad, rate: 0.1, threads: 2, disabled: disabled)
      let gradients = try runner.run(.gradients, rows: 1, feeds: [:])
      expect(try #require(gradients["gradient.p"]).map(Double.init), expected, 1e-5)
    }
    #expect(conflicts > 6)
  }

  /// At the larger rate a weight would fall below 10⁻³, where it stays.
  @Test(arguments: [(0.05, 6), (2.0, 3)]) func gradNormFollowsItsFormula(
    rate: Double, steps: Int
  ) throws {
    let (alpha, learning) = (1.5, 0.02)
    let weighting = TaskWeighting.gradNorm(alpha: alpha, learningRate: rate)
    let problem = Problem(
      vectors: [[1, 2, 0.5], [0.25, -0.5, 0.75], [3, 1, 1]], weights: [1, 2, 0.5], curvature: 0.3)
    let model = problem.eager(weighting, rate: learning)
    let runner = try problem.runner(weighting, rate: learning)
    var p = [0.5, 0.5, 0.5]
    var q = [1.0, 1, 1]
    var w = [1.0, 1, 1]
    var first: [Double]?
    var isFloored = false
    for _ in 0..<steps {
      let squares = 0.15 * Self.dot(p, p)
      var losses: [Double] = []
      var h: [[Double]] = []
      for k in 0..<3 {
        losses.append(Self.dot(p, problem.vectors[k]) + squares + 3 * q[k])
        let factor: Double = problem.weights[k] * w[k]
        h.append((0..<3).map { factor * (0.3 * p[$0] + problem.vectors[k][$0]) })
      }
      let norms = h.map { Self.dot($0, $0).squareRoot() }
      let start = first ?? losses
      first = start
      let progress = zip(losses, start).map { $0 / $1 }
      let mean = progress.reduce(0, +) / 3
      let average = norms.reduce(0, +) / 3
      var next = w
      for k in 0..<3 {
        let target = average * Double.exp(alpha * Double.log(progress[k] / mean))
        let slope = (norms[k] > target ? 1.0 : -1.0) * norms[k] / w[k]
        next[k] = max(w[k] - rate * slope, 1e-3)
        isFloored = isFloored || next[k] == 1e-3
      }
      let total = next.reduce(0, +)
      for k in 0..<3 {
        p = zip(p, h[k]).map { $0 - learning * $1 }
        q[k] -= learning * 3 * problem.weights[k] * w[k]
      }
      w = next.map { 3 * $0 / total }

      try model.step(batchSize: 1, feeds: [:])
      _ = try runner.run(.gradients, rows: 1, feeds: [:])
      _ = try runner.run(.train, rows: 1, feeds: [:])
      for (name, values) in [(TaskWeighting.weightsParameter, w), ("p", p), ("q2", [q[2]])] {
        expect(try #require(model.engine.variable(ParameterID(name))?.values), values, 1e-9)
        expect(try runner.session.parameter(name).map(Double.init), values, 1e-5)
      }
    }
    #expect(w.contains { abs($0 - 1) > 0.2 })
    #expect(isFloored == (rate > 1))
    #expect(abs(w.reduce(0, +) - 3) < 1e-9)
  }

  @Test func aLossThatIsNotThereIsAnError() throws {
    let builder = GraphBuilder(name: "one")
    let p = try builder.parameter(Parameter(ParameterID("p"), .f32(), .constant(1)))
    try builder.output("loss", p)
    let graph = builder.graph
    let error = #expect(throws: DifferentiationError.self) {
      _ = try PlanRunner(graph, capacity: 1) {
        $0.taskWeighting = .pcGrad
        $0.taskWeights = [TaskWeight(task: "a", weight: 1)]
      }
    }
    #expect(error?.message == "the graph has no output \"loss.a\"")
  }
}

/// Numbers in [−1, 1).
private struct SplitMixNumbers {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / Double(1 << 52) - 1
  }
}
