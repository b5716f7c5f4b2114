import GraphIR
import Plan
import TensorTypes

extension Lowering {
  mutating func lower(_ op: GroupOp, _ node: Graph.Node) throws {
    guard let value = node.results.first else { return }
    var inputs: [View] = []
    for index in node.operands.indices {
      let operand = try operand(node, index)
      inputs.append(try Views.matrix(view(operand), shape(operand)) ?? matrixCopy(operand))
    }
    try writeMatrix(try result(node), graph.type(of: value)) { output in
      switch op {
      case .combine(let kind):
        .group(
          GroupInstruction(
            kind: Self.kind(kind), input: inputs[0], groups: inputs[1], output: output))
      case .pairs(let function, let side):
        .groupPairs(
          GroupPairsInstruction(
            function: Self.function(function), side: side == .lower ? .lower : .higher,
            factors: inputs[0], scores: inputs[1], labels: inputs[2], groups: inputs[3],
            output: output))
      }
    }
  }

  private static func kind(_ kind: GroupOp.Combination) -> GroupInstruction.Kind {
    switch kind {
    case .sum: .sum
    case .max: .max
    }
  }

  private static func function(
    _ function: GroupOp.PairFunction
  ) -> GroupPairsInstruction.Function {
    switch function {
    case .count: .count
    case .logistic: .logistic
    case .slope: .slope
    case .curvature: .curvature
    }
  }
}
