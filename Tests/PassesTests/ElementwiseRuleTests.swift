import GraphIR
import Passes
import TestSupport
import Testing

/// What the simplifier knows of the functions of one number, against their formulas.
@Suite struct ElementwiseRuleTests {
  static let points = [-3, -1.5, -1, -0.25, 0, 0.25, 1, 1.5, 3]

  /// Every function of every function, at negative numbers too.
  @Test(arguments: ElementwiseOp.Unary.allCases)
  func pairsKeepTheirValues(_ outer: ElementwiseOp.Unary) throws {
    let builder = GraphBuilder(name: "pairs")
    let x = try builder.input("x", .f32(.batch))
    for inner in ElementwiseOp.Unary.allCases {
      try builder.output(inner.rawValue, builder.unary(outer, builder.unary(inner, x)))
    }
    let evaluator = ReferenceEvaluator(batch: Self.points.count, feeds: ["x": Self.points])
    let before = try evaluator.outputs(of: builder.graph)
    let after = try evaluator.outputs(of: Simplify().run(builder.graph))
    for (name, value) in before {
      let found = try #require(after[name]).elements
      for (k, (a, b)) in zip(found, value.elements).enumerated() where b.isFinite {
        #expect(abs(a - b) <= 1e-12 * (1 + abs(b)), "\(outer) of \(name) at \(Self.points[k])")
      }
    }
  }

  @Test(arguments: ElementwiseOp.Unary.allCases)
  func knowsWhereAFunctionIsNotNegative(_ kind: ElementwiseOp.Unary) throws {
    let values = Self.points.map(kind.reference).filter(\.isFinite)
    // The root is not negative either, but undefined for negative numbers.
    guard kind.isNeverNegative else { return }
    #expect(values.count == Self.points.count && values.allSatisfy { $0 >= 0 })
  }

  /// A constant operand folds to the formula's value.
  @Test(arguments: ElementwiseOp.Unary.allCases)
  func foldsConstants(_ kind: ElementwiseOp.Unary) throws {
    for point in Self.points where kind.reference(point).isFinite {
      let builder = GraphBuilder(name: "constant")
      try builder.output("y", builder.unary(kind, builder.constant(point)))
      let graph = try FoldConstants().run(builder.graph)
      let folded = graph.producer(of: graph.outputs[0].value).op
      guard case .source(.constant(let number, _)) = folded else {
        Issue.record("\(kind)(\(point)) is not folded")
        continue
      }
      #expect(abs(number - kind.reference(point)) <= 1e-12)
    }
  }

  /// Where the derivative or the function jumps, the comparison of the modes looks for kinks.
  @Test(arguments: ElementwiseOp.Unary.allCases)
  func knowsItsKinks(_ kind: ElementwiseOp.Unary) {
    guard kind.isDefinedEverywhere else { return }
    func slope(_ x: Double) -> Double {
      (kind.reference(x + 1e-7) - kind.reference(x - 1e-7)) / 2e-7
    }
    let jumps = abs(slope(1e-5) - slope(-1e-5)) > 0.1 || abs(slope(0)) > 1e3
    #expect(kind.hasKink == jumps)
  }
}
