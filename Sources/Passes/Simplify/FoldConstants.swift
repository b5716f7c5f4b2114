import GraphIR
import TensorTypes

/// Computes what does not depend on data. The constants of the IR have one number in every
/// element, so an op folds where its result has, too.
public struct FoldConstants: Pass {
  public let name = "fold_constants"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let hasCandidate = graph.nodes.contains { node in
      !node.operands.isEmpty && node.operands.allSatisfy { graph.constant($0) != nil }
    }
    return hasCandidate ? try Peephole.run([fold], on: graph) : graph
  }
}

private func fold(_ peephole: Peephole, _ op: Op, _ operands: [ValueID]) throws -> ValueID? {
  var numbers: [Double] = []
  for operand in operands {
    guard let number = peephole.graph.constant(operand) else { return nil }
    numbers.append(number)
  }
  guard let first = numbers.first else { return nil }
  let number: Double?
  switch op {
  case .elementwise(let op): number = op.value(at: numbers)
  case .layout(.pad): number = first == 0 ? 0 : nil
  case .layout(.concat): number = numbers.allSatisfy { $0 == first } ? first : nil
  case .layout: number = first
  case .reduction(.reduce(let kind, let axes, _)):
    number = fold(kind, first, peephole.shape(of: operands[0]), axes)
  case .reduction(.softmax):
    let shape = peephole.shape(of: operands[0])
    number = 1 / Double(shape.size(shape.rank - 1))
  case .source, .matrix, .lookup, .convolution, .group, .fused, .effect: number = nil
  }
  guard let number, number.isFinite else { return nil }
  let types = try op.infer(operands.map { peephole.type(of: $0) })
  return try peephole.constant(number, types[0])
}

private func fold(
  _ kind: ReductionOp.Kind, _ number: Double, _ shape: Shape, _ axes: [Int]
) -> Double? {
  switch kind {
  case .max, .min: return number
  case .sum:
    var count = 1
    for axis in axes {
      guard let size = shape[axis].fixedSize else { return nil }
      count *= size
    }
    return number * Double(count)
  }
}
