import GraphIR
import TensorTypes

/// Sums over images that `pool_scatter` made are sums over what it scattered, a quarter of it or
/// less: Σ scatter(i, g) = Σ g, and Σ scatter(i, g) ⊙ x = Σ g ⊙ gather(x, i). Gradients of batch
/// normalisation before a maximum are such sums.
func simplifyPooledSums(
  _ peephole: Peephole, _ op: Op, _ operands: [ValueID]
) throws -> ValueID? {
  guard case .reduction(.reduce(.sum, let axes, let keepAxes)) = op, let x = operands.first,
    axes == [0, 1, 2]
  else { return nil }
  func sum(_ x: ValueID) throws -> ValueID {
    try peephole.emitOne(.reduction(.reduce(.sum, axes: axes, keepAxes: keepAxes)), [x])
  }
  let node = peephole.graph.producer(of: x)
  if let scattered = scattered(peephole, x) { return try sum(scattered.g) }
  guard case .elementwise(.binary(.mul)) = node.op else { return nil }
  for (place, image) in node.operands.enumerated() {
    let other = node.operands[1 - place]
    guard let scattered = scattered(peephole, image),
      peephole.shape(of: other) == peephole.shape(of: image)
    else { continue }
    let gathered = try peephole.emitOne(
      .convolution(.poolGather(scattered.form)), [other, scattered.indices])
    return try sum(peephole.binary(.mul, scattered.g, gathered))
  }
  return nil
}

/// What a `pool_scatter` of the places of maxima wrote into an image.
private func scattered(
  _ peephole: Peephole, _ image: ValueID
) -> (form: PoolingForm, indices: ValueID, g: ValueID)? {
  let node = peephole.graph.producer(of: image)
  guard case .convolution(.poolScatter(let form, _, _)) = node.op, node.operands.count == 2
  else { return nil }
  return (form, node.operands[0], node.operands[1])
}
