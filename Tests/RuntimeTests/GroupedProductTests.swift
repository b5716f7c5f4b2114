import Plan
import Runtime
import Testing

/// Products of several groups whose operands lie in matrices of different widths.
@Suite struct GroupedProductTests {
  /// `[2, 4, columns]` in the arena, with rows and groups further apart than they need be.
  private func wide(_ b: inout PlanBuilder, _ columns: Int, gap: Int) -> View {
    var view = b.fixed(2, 4, columns + gap)
    view.extents[2] = .fixed(columns)
    return view
  }

  @Test func everyOperandHasItsOwnStrides() throws {
    var b = PlanBuilder(.gradients, capacity: 1)
    let a = b.parameter("a", 2, 4, 3)
    let w = b.parameter("w", 2, 3, 5)
    let bias = b.parameter("bias", 2, 5)
    let known = b.parameter("known", 2, 4, 5)
    let y = wide(&b, 5, gap: 3)
    let c = wide(&b, 5, gap: 1)
    b.add(
      .elementwise(
        ElementwiseInstruction(
          extents: y.extents, views: [known, y],
          steps: [.init(.load, destination: 0, a: 0), .init(.store, a: 0, b: 1)])))
    b.add(
      .matmul(
        MatmulInstruction(
          a: a, b: w, c: c, groups: 2, bias: bias, gradientOf: .tanh, y: y)))
    b.fetch("c", c)
    let session = try Session(plan: b.plan(), threads: 1)
    session.initialize(seed: 3)
    try session.run(.gradients, rows: 1)
    let found = try session.fetch("c", .gradients).values(rows: 1)
    let (x, v) = (try session.parameter("a"), try session.parameter("w"))
    let (s, k) = (try session.parameter("bias"), try session.parameter("known"))
    for g in 0..<2 {
      for i in 0..<4 {
        for j in 0..<5 {
          var sum = Double(s[5 * g + j])
          for p in 0..<3 { sum += Double(x[12 * g + 3 * i + p]) * Double(v[15 * g + 5 * p + j]) }
          let place = 20 * g + 5 * i + j
          let expected = sum * (1 - Double(k[place]) * Double(k[place]))
          #expect(abs(Double(found[place]) - expected) < 1e-6, "\(g) \(i) \(j)")
        }
      }
    }
  }
}
