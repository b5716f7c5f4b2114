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
    var cotangents = [ValueID?](repeating: nil, count: graph.values.count)
    cotangents[loss.index] = try builder.constant(1)
    try builder.sweep(back: graph.nodes, &cotangents, varies: graph.descendants(of: values)) {
      try $0.op.gradient(
        builder, operands: $0.operands, results: $0.results, cotangents: $1, needed: $2)
    }
    return values.map { cotangents[$0.index] }
  }
}
