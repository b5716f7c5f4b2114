import GraphIR
import Passes
import TensorTypes
import TestSupport
import Testing

/// Every expression of two functions over inputs and constants, before and after the simplifier: a rule that
/// holds for one constant or one order of operands is applied to no other.
@Suite struct ExpressionTests {
  private static let x = [-3, -1.5, -1, -0.25, 0, 0.25, 1, 1.5, 3, 2]
  private static let y = [0.5, -1.5, 1, 0.25, 0, -2, 3, 1.5, -0.5, 2]
  private static let constants = [-1, 0, 0.5, 1, 2]

  /// Inputs, constants, and functions of them.
  private struct Terms {
    var leaves: [(name: String, value: ValueID)] = []
    var inner: [(name: String, value: ValueID)] = []

    init(_ builder: GraphBuilder) throws {
      let x = try builder.input("x", .f32(.batch))
      let y = try builder.input("y", .f32(.batch))
      let constants = try ExpressionTests.constants.map {
        ("\($0)", try builder.constant($0))
      }
      leaves = [("x", x), ("y", y)] + constants
      for kind in ElementwiseOp.Unary.allCases {
        inner.append(("\(kind)(x)", try builder.unary(kind, x)))
      }
      for kind in ElementwiseOp.Binary.allCases {
        for (name, leaf) in leaves {
          inner.append(("\(kind)(x, \(name))", try builder.binary(kind, x, leaf)))
          if name != "x" {
            inner.append(("\(kind)(\(name), x)", try builder.binary(kind, leaf, x)))
          }
        }
      }
      for kind in ElementwiseOp.Comparison.allCases {
        for (name, leaf) in leaves {
          let mask = try builder.compare(kind, x, leaf)
          inner.append(("number(\(kind)(x, \(name)))", try builder.convertToFloat(mask)))
          let chosen = try builder.select(mask, y, builder.constant(0))
          inner.append(("select(\(kind)(x, \(name)), y, 0)", chosen))
        }
      }
    }
  }

  private func keepsItsValues(_ builder: GraphBuilder) throws {
    let evaluator = ReferenceEvaluator(batch: Self.x.count, feeds: ["x": Self.x, "y": Self.y])
    let before = try evaluator.outputs(of: builder.graph)
    let graph = try Pipeline([FoldConstants(), Simplify(), EliminateDeadCode()]).run(builder.graph)
    let after = try evaluator.outputs(of: graph)
    #expect(before.count == after.count && before.count > 100)
    var wrong: [String] = []
    for (name, value) in before {
      let found = try #require(after[name]).elements
      // A constant is one number for all rows.
      let same = value.elements.indices.allSatisfy { k in
        let (a, b) = (found[found.count == 1 ? 0 : k], value.elements[k])
        return !b.isFinite || abs(a - b) <= 1e-9 * (1 + abs(b))
      }
      if !same { wrong.append(name) }
    }
    #expect(wrong.isEmpty, "\(wrong.count) change: \(wrong.sorted().prefix(5))")
  }

  @Test(arguments: ElementwiseOp.Binary.allCases)
  func ofTwoOperands(_ outer: ElementwiseOp.Binary) throws {
    let builder = GraphBuilder(name: "expressions")
    let terms = try Terms(builder)
    for (inner, value) in terms.inner {
      for (name, leaf) in terms.leaves + [(inner, value)] {
        try builder.output("\(outer)(\(inner), \(name))", builder.binary(outer, value, leaf))
        if name == inner { continue }
        try builder.output("\(outer)(\(name), \(inner))", builder.binary(outer, leaf, value))
      }
    }
    try keepsItsValues(builder)
  }

  @Test func ofOneOperand() throws {
    let builder = GraphBuilder(name: "expressions")
    let terms = try Terms(builder)
    for (inner, value) in terms.inner {
      for outer in ElementwiseOp.Unary.allCases {
        try builder.output("\(outer)(\(inner))", builder.unary(outer, value))
      }
    }
    try keepsItsValues(builder)
  }

  /// Masks as numbers and as what selects, of comparisons with each constant.
  @Test(arguments: ElementwiseOp.Comparison.allCases)
  func ofMasks(_ kind: ElementwiseOp.Comparison) throws {
    let builder = GraphBuilder(name: "expressions")
    let terms = try Terms(builder)
    for (inner, value) in terms.inner {
      for (name, leaf) in terms.leaves {
        let masks = [
          ("\(kind)(\(inner), \(name))", try builder.compare(kind, value, leaf)),
          ("\(kind)(\(name), \(inner))", try builder.compare(kind, leaf, value)),
        ]
        for (mask, holds) in masks {
          try builder.output("number \(mask)", builder.convertToFloat(holds))
          for (a, b) in [(1.0, 0.0), (0, 1), (1, 1), (2, 0)] {
            let chosen = try builder.select(holds, builder.constant(a), builder.constant(b))
            try builder.output("\(mask) ? \(a) : \(b)", chosen)
          }
          let chosen = try builder.select(holds, terms.leaves[0].value, leaf)
          try builder.output("\(mask) ? x : \(name)", chosen)
        }
      }
    }
    try keepsItsValues(builder)
  }
}
