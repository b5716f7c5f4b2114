import GraphIR
import TensorTypes

/// Σ (x ⊙ v + y ⊙ w) over all axes but the last is Σ x ⊙ v + Σ y ⊙ w where v and w have one number for
/// each column: the gradient of a mean that is subtracted, as in batch normalisation. The sums on
/// the right are mostly there already, or are taken while x and y are at hand. Only for images and
/// the like: the column sums of matrices belong to products.
func simplifyColumnSums(
  _ peephole: Peephole, _ op: Op, _ operands: [ValueID]
) throws -> ValueID? {
  guard case .reduction(.reduce(.sum, let axes, false)) = op, let x = operands.first,
    case let rank = peephole.shape(of: x).rank, rank > 2, axes == Array(0..<rank - 1)
  else { return nil }
  return try scaledColumnSum(peephole, x, axes)
}

/// The column sums of a value that is made of products with columns' factors; nil for all others.
private func scaledColumnSum(
  _ peephole: Peephole, _ value: ValueID, _ axes: [Int]
) throws -> ValueID? {
  let node = peephole.graph.producer(of: value)
  let shape = peephole.shape(of: value)
  guard case .elementwise(let op) = node.op,
    isScaled(peephole, value, shape)
  else { return nil }
  func sum(_ x: ValueID) throws -> ValueID? { try scaledColumnSum(peephole, x, axes) }
  switch op {
  case .unary(.neg):
    return try sum(node.operands[0]).map { try peephole.unary(.neg, $0) }
  case .binary(let kind) where kind == .add || kind == .sub:
    guard let a = try sum(node.operands[0]), let b = try sum(node.operands[1]) else { return nil }
    return try peephole.binary(kind, a, b)
  case .binary(.mul):
    guard let (x, factor) = scaled(peephole, node, shape) else { return nil }
    let total = try peephole.emitOne(
      .reduction(.reduce(.sum, axes: axes, keepAxes: false)), [x])
    let columns = peephole.shape(of: total)
    let row =
      peephole.shape(of: factor) == columns
      ? factor : try peephole.layout(.reshape(columns), factor)
    return try peephole.binary(.mul, total, row)
  case .unary, .binary, .compare, .select, .convertToFloat, .isPresent, .stopGradient:
    return nil
  }
}

/// Whether `scaledColumnSum` has an answer; looked at before anything is emitted.
private func isScaled(_ peephole: Peephole, _ value: ValueID, _ shape: Shape) -> Bool {
  let node = peephole.graph.producer(of: value)
  guard peephole.shape(of: value) == shape, case .elementwise(let op) = node.op else {
    return false
  }
  switch op {
  case .unary(.neg): return isScaled(peephole, node.operands[0], shape)
  case .binary(let kind) where kind == .add || kind == .sub:
    return node.operands.allSatisfy { isScaled(peephole, $0, shape) }
  case .binary(.mul): return scaled(peephole, node, shape) != nil
  case .unary, .binary, .compare, .select, .convertToFloat, .isPresent, .stopGradient:
    return false
  }
}

/// A product's operand of the whole shape, and its factor with one number for each column.
private func scaled(
  _ peephole: Peephole, _ node: Graph.Node, _ shape: Shape
) -> (x: ValueID, factor: ValueID)? {
  let (a, b) = (node.operands[0], node.operands[1])
  for (x, factor) in [(a, b), (b, a)] where peephole.shape(of: x) == shape {
    let row = peephole.shape(of: factor).dimensions
    if row.last == shape[shape.rank - 1], row.dropLast().allSatisfy({ $0 == 1 }) {
      return (x, factor)
    }
  }
  return nil
}
