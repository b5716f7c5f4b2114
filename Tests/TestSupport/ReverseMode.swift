import GraphIR
import TensorTypes

/// Reverse mode over the gradient rules alone, without the compiler's passes.
public enum ReverseMode {
  /// Adds to the builder the gradients of a scalar by some of its values.
  /// - Returns: nil for values on which the scalar does not depend smoothly.
  public static func gradients(
    of loss: ValueID, by values: [ValueID], in builder: GraphBuilder
  ) throws -> [ValueID?] {
    let graph = builder.graph
    let depends = graph.descendants(of: values)
    var cotangents: [Int: ValueID] = [:]
    cotangents[loss.index] = try builder.constant(1)
    for index in (0...graph[loss].node.index).reversed() {
      let node = graph.nodes[index]
      let incoming = node.results.map { cotangents[$0.index] }
      guard incoming.contains(where: { $0 != nil }) else { continue }
      let needed = node.operands.map { depends[$0.index] }
      let outgoing = try node.op.gradient(
        builder, operands: node.operands, results: node.results, cotangents: incoming,
        needed: needed)
      for (operand, cotangent) in zip(node.operands, outgoing) {
        guard let cotangent else { continue }
        if let sum = cotangents[operand.index] {
          cotangents[operand.index] = try builder.add(sum, cotangent)
        } else {
          cotangents[operand.index] = cotangent
        }
      }
    }
    return values.map { cotangents[$0.index] }
  }
}
