import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// Gradient clipping and the L2 penalty, against numbers worked out by hand in double precision.
@Suite struct ClippingTests {
  private static let inputs = 5
  private static let outputs = 3
  private static let rows = 4

  /// loss = Σ x·w; the derivative by w is the column sums of x, in each column of w the same.
  /// The parameter `idle` is not read at all, `gate` only through a softmax of one, and `muted` is
  /// multiplied by 0.
  private func emit<E: Emitter>(squared: Bool = false, on e: E) throws {
    let x = try e.input(InputID("x"), .f32(.batch, .fixed(Self.inputs)))
    let w = try e.parameter(
      Parameter(
        ParameterID("w"), .f32(.fixed(Self.inputs), .fixed(Self.outputs)), .uniform(1)))
    let b = try e.parameter(Parameter(ParameterID("b"), .f32(3), .uniform(1)))
    let gate = try e.parameter(
      Parameter(
        ParameterID("gate"), .f32(.fixed(Self.inputs), 1), .constant(2), l2: squared ? 0 : 0.5))
    let weight = try e.softmax(e.matmul(x, gate))
    let muted = try e.parameter(Parameter(ParameterID("muted"), .f32(3), .constant(4), l2: 0.25))
    let y = try e.add(e.add(e.matmul(x, w), b), e.scale(muted, by: 0))
    let terms = try e.mul(squared ? e.square(y) : y, weight)
    try e.output("loss", e.sum(terms))
    try e.output("y", y)
  }

  private func graph(squared: Bool = false) throws -> Graph {
    let builder = GraphBuilder(name: "clipped")
    try emit(squared: squared, on: builder)
    try builder.declare(Parameter(ParameterID("idle"), .f32(2), .constant(4), l2: 0.25))
    return builder.graph
  }

  private static let x: [Double] = (0..<rows * inputs).map { Double(($0 * 7) % 11) / 4 - 1 }

  /// The parameters after one step of SGD with rate 0.1 from the session's own start.
  private func step(
    _ clipping: GradientClipping, threads: Int = 1, disabled: Set<String> = []
  ) throws -> (before: [String: [Float]], after: [String: [Float]]) {
    let runner = try PlanRunner(
      graph(), capacity: Self.rows, disabled: disabled, threads: threads,
      settings: { $0.clipping = clipping })
    runner.session.initialize(seed: 3)
    func values() throws -> [String: [Float]] {
      try Dictionary(
        uniqueKeysWithValues: runner.plan.parameters.map {
          ($0.name, try runner.session.parameter($0.name))
        })
    }
    let before = try values()
    _ = try runner.run(.train, rows: Self.rows, feeds: [InputID("x"): Self.x])
    return (before, try values())
  }

  private static let sums: [Double] = (0..<inputs).map { column in
    (0..<rows).reduce(0) { $0 + x[$1 * inputs + column] }
  }

  private func check(
    _ clipping: GradientClipping, _ gradients: (w: [Double], b: Double),
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let (before, after) = try step(clipping)
    func moved(_ name: String) throws -> [Double] {
      zip(try #require(before[name]), try #require(after[name])).map {
        (Double($0) - Double($1)) / 0.1
      }
    }
    for (k, value) in try moved("w").enumerated() {
      #expect(abs(value - gradients.w[k / Self.outputs]) < 1e-5, sourceLocation: location)
    }
    for value in try moved("b") {
      #expect(abs(value - gradients.b) < 1e-5, sourceLocation: location)
    }
    // Parameters that the loss does not depend on move by their penalty alone: λ·p.
    for value in try moved("gate") { #expect(abs(value - 1) < 1e-5, sourceLocation: location) }
    for value in try moved("muted") { #expect(abs(value - 1) < 1e-5, sourceLocation: location) }
    for value in try moved("idle") { #expect(abs(value - 1) < 1e-5, sourceLocation: location) }
  }

  private static var norm: Double {
    (3 * sums.reduce(0) { $0 + $1 * $1 } + 3 * Double(rows * rows)).squareRoot()
  }

  @Test func withoutClippingTheGradientIsTheSumOfTheRows() throws {
    try check(GradientClipping(), (Self.sums, Double(Self.rows)))
  }

  @Test func aNormAboveTheBoundIsScaledToIt() throws {
    let factor = 0.5 / Self.norm
    try check(
      GradientClipping(norm: 0.5), (Self.sums.map { $0 * factor }, Double(Self.rows) * factor))
  }

  @Test func aNormBelowTheBoundStays() throws {
    try check(GradientClipping(norm: Self.norm * 1.01), (Self.sums, Double(Self.rows)))
  }

  @Test func elementsAreCut() throws {
    let cut = Self.sums.map { min(max($0, -1.5), 1.5) }
    #expect(cut != Self.sums)
    try check(GradientClipping(value: 1.5), (cut, 1.5))
    let norm = (3 * cut.reduce(0) { $0 + $1 * $1 } + 3 * 1.5 * 1.5).squareRoot()
    try check(GradientClipping(value: 1.5, norm: 1), (cut.map { $0 / norm }, 1.5 / norm))
  }

  @Test func everyPassAndThreadGivesTheSame() throws {
    let clipping = GradientClipping(norm: 0.7)
    let reference = try step(clipping).after
    #expect(try step(clipping, threads: 2).after == reference)
    for name in ["fuse_optimizer", "reuse_in_place", "fuse_linear", "fuse_elementwise"] {
      let other = try step(clipping, disabled: [name]).after
      for (name, values) in reference {
        for (x, y) in zip(values, try #require(other[name])) { #expect(abs(x - y) < 1e-5) }
      }
    }
  }

  @Test func aProductAppliesTheOptimizerOnlyWithoutNorm() throws {
    func names(_ clipping: GradientClipping) throws -> [String] {
      let runner = try PlanRunner(
        graph(squared: true), capacity: Self.rows, settings: { $0.clipping = clipping })
      return (runner.plan.program(.train)?.instructions ?? []).map(\.name)
    }
    let free = try names(GradientClipping())
    #expect(free.contains("matmul+update"), "\(free)")
    let clipped = try names(GradientClipping(norm: 1))
    #expect(!clipped.contains("matmul+update"))
    #expect(clipped.filter { $0 == "clip+optimizer" }.count == 1)
  }

  @Test(arguments: [
    GradientClipping(norm: 0.3), GradientClipping(value: 0.2),
    GradientClipping(value: 0.4, norm: 0.5), GradientClipping(norm: 1e3),
  ])
  func eagerAgrees(clipping: GradientClipping) throws {
    let optimizer = Optimizer(kind: .adam, learningRate: 0.05)
    let model = EagerModel<Float>(seed: 3, optimizer: optimizer, clipping: clipping) {
      try emit(squared: true, on: $0)
    }
    let runner = try PlanRunner(
      graph(squared: true), capacity: Self.rows, optimizer: optimizer,
      settings: { $0.clipping = clipping })
    runner.session.initialize(seed: 3)
    for _ in 0..<5 {
      try model.step(
        batchSize: Self.rows, feeds: [InputID("x"): .floats(Self.x.map { Float($0) })])
      _ = try runner.run(.train, rows: Self.rows, feeds: [InputID("x"): Self.x])
    }
    for name in ["w", "b", "gate", "muted"] {
      let eager = try #require(model.engine.variable(ParameterID(name))?.values)
      for (x, y) in zip(eager, try runner.session.parameter(name)) { #expect(abs(x - y) < 1e-5) }
    }
  }
}
