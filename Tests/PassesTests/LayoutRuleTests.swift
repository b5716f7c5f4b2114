import GraphIR
import Passes
import TensorTypes
import TestSupport
import Testing

/// Moves of a matrix's numbers behind one another: the simplifier may join them only where the numbers stay.
@Suite struct LayoutRuleTests {
  /// Moves of f32[B, 4, 4] that keep three axes.
  static let moves: [(name: String, op: LayoutOp)] = {
    var moves: [(String, LayoutOp)] = [
      ("transpose", .transpose([0, 2, 1])), ("transpose nothing", .transpose([0, 1, 2])),
    ]
    for axis in 1...2 {
      for (before, after) in [(0, 0), (1, 0), (0, 2), (2, 1)] {
        moves.append(
          ("pad \(axis) \(before) \(after)", .pad(axis: axis, before: before, after: after)))
      }
      for (start, end) in [(0, 2), (1, 3), (2, 4), (0, 4)] {
        moves.append(
          ("slice \(axis) \(start) \(end)", .slice(axis: axis, start: start, end: end)))
      }
    }
    return moves
  }()

  @Test func pairsKeepTheirValues() throws {
    let builder = GraphBuilder(name: "pairs")
    let x = try builder.input("x", .f32(.batch, 4, 4))
    for (inner, first) in Self.moves {
      let moved = try builder.emitOne(.layout(first), [x])
      for (outer, second) in Self.moves {
        // A slice of a slice may be out of range.
        guard let both = try? builder.emitOne(.layout(second), [moved]) else { continue }
        try builder.output("\(outer) of \(inner)", both)
      }
      for axis in 1...2 {
        let twice = try builder.emitOne(.layout(.concat(axis: axis)), [moved, moved])
        try builder.output("twice \(axis) of \(inner)", twice)
        for end in 1...3 {
          let part = try builder.emitOne(.layout(.slice(axis: axis, start: 0, end: end)), [twice])
          try builder.output("slice \(axis) to \(end) of twice of \(inner)", part)
          let other = try builder.emitOne(
            .layout(.slice(axis: 3 - axis, start: 0, end: 2)), [twice])
          try builder.output("slice \(end) across twice \(axis) of \(inner)", other)
        }
      }
    }
    let numbers = (0..<32).map { Double($0 + 1) }
    let evaluator = ReferenceEvaluator(batch: 2, feeds: ["x": numbers])
    let before = try evaluator.outputs(of: builder.graph)
    let after = try evaluator.outputs(of: Simplify().run(builder.graph))
    #expect(before.count > 300 && before.count == after.count)
    for (name, value) in before {
      let found = try #require(after[name])
      #expect(found.elements == value.elements, "\(name)")
    }
  }
}
