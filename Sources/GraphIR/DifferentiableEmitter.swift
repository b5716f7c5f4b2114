import TensorTypes

/// An emitter that can differentiate what it emitted so far, within the model: what learning
/// algorithms that contain a gradient step are written against.
public protocol DifferentiableEmitter: Emitter {
  /// The derivatives of the sum of `target`'s elements by each source; zeros where the target does
  /// not depend on it.
  /// - Parameter createGraph: whether later derivatives go through these; else they count as
  ///   constants.
  func gradients(
    of target: Tensor, withRespectTo sources: [Tensor], createGraph: Bool
  ) throws -> [Tensor]
}

extension GraphBuilder: DifferentiableEmitter {
  /// Takes time linear in the size of the graph. Only cotangents on a way from the target to a
  /// source are emitted.
  public func gradients(
    of target: ValueID, withRespectTo sources: [ValueID], createGraph: Bool
  ) throws -> [ValueID] {
    // What the sweep adds comes behind these nodes.
    let nodes = graph.nodes
    let varies = graph.descendants(of: sources)
    var cotangents = [ValueID?](repeating: nil, count: graph.values.count)
    cotangents[target.index] = try constant(1, type(of: target))
    try sweep(back: nodes, &cotangents, varies: varies) { node, arriving, needed in
      try node.op.gradient(
        self, operands: node.operands, results: node.results, cotangents: arriving, needed: needed)
    }
    return try sources.map { source in
      guard let gradient = cotangents[source.index] else {
        return try constant(0, type(of: source))
      }
      return createGraph ? gradient : try stopGradient(gradient)
    }
  }
}
