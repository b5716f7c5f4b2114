import GraphIR
import TensorTypes

/// Neutral elements, double negations, constants of nested sums and products.
func simplifyElementwise(
  _ peephole: Peephole, _ op: Op, _ operands: [ValueID]
) throws -> ValueID? {
  guard case .elementwise(let op) = op else { return nil }
  switch op {
  case .unary(let kind): return try simplify(peephole, kind, operands[0])
  case .binary(let kind): return try simplify(peephole, kind, operands[0], operands[1])
  case .select: return try simplifySelect(peephole, operands)
  case .convertToFloat: return try simplifyConvert(peephole, operands[0])
  case .compare, .isPresent, .stopGradient: return nil
  }
}

private func simplify(
  _ peephole: Peephole, _ kind: ElementwiseOp.Unary, _ x: ValueID
) throws -> ValueID? {
  let inner = peephole.graph.unary(x)
  if kind == .neg {
    if inner?.kind == .neg { return inner?.x }
    guard let (a, b) = peephole.graph.operands(of: x, binary: .sub) else { return nil }
    return try peephole.binary(.sub, b, a)
  }
  guard let inner else { return nil }
  if kind == .relu || kind == .abs, inner.kind.isNeverNegative { return x }
  if kind == .square, inner.kind == .neg || inner.kind == .abs {
    return try peephole.unary(.square, inner.x)
  }
  return kind == .reciprocal && inner.kind == .reciprocal ? inner.x : nil
}

private func simplify(
  _ peephole: Peephole, _ kind: ElementwiseOp.Binary, _ a: ValueID, _ b: ValueID
) throws -> ValueID? {
  let shape = peephole.shape(of: a).broadcast(with: peephole.shape(of: b))
  /// An operand in the shape of the result.
  func whole(_ value: ValueID) throws -> ValueID? {
    try shape.map { try peephole.broadcast(value, to: $0) }
  }
  let (left, right) = (peephole.graph.constant(a), peephole.graph.constant(b))
  switch kind {
  case .add, .mul:
    // Constants stand on the right.
    if left != nil, right == nil { return try peephole.binary(kind, b, a) }
  case .max, .min:
    if a == b { return a }
  case .sub, .div:
    break
  }
  if let number = right {
    switch kind {
    case .add, .sub:
      if number == 0 { return try whole(a) }
    case .mul, .div:
      if number == 1 { return try whole(a) }
      if number == -1 { return try whole(peephole.unary(.neg, a)) }
    case .max, .min:
      break
    }
    if let nested = try simplifyNested(peephole, kind, a, b, number) { return nested }
  }
  switch kind {
  case .add:
    if let y = peephole.graph.operand(of: b, unary: .neg) { return try peephole.binary(.sub, a, y) }
    if let x = peephole.graph.operand(of: a, unary: .neg) { return try peephole.binary(.sub, b, x) }
  case .sub:
    if left == 0 { return try whole(peephole.unary(.neg, b)) }
    if let y = peephole.graph.operand(of: b, unary: .neg) { return try peephole.binary(.add, a, y) }
  case .mul:
    if a == b { return try peephole.unary(.square, a) }
    let (x, y) = (
      peephole.graph.operand(of: a, unary: .neg), peephole.graph.operand(of: b, unary: .neg)
    )
    if let x, let y { return try peephole.binary(.mul, x, y) }
  case .div, .max, .min:
    break
  }
  return nil
}

/// (x ∘ c) ∘ d = x ∘ (c and d together), and division by a constant as multiplication. `number` is
/// what every element of `b` is.
private func simplifyNested(
  _ peephole: Peephole, _ kind: ElementwiseOp.Binary, _ a: ValueID, _ b: ValueID, _ number: Double
) throws -> ValueID? {
  let type = peephole.type(of: b)
  switch kind {
  case .sub:
    return try peephole.binary(.add, a, peephole.constant(-number, type))
  case .div:
    let factor = 1 / number
    guard factor.isFinite, factor.isNormal, Float(factor).isNormal else { return nil }
    return try peephole.binary(.mul, a, peephole.constant(factor, type))
  case .mul:
    if let x = peephole.graph.operand(of: a, unary: .neg) {
      return try peephole.binary(.mul, x, peephole.constant(-number, type))
    }
  case .add:
    break
  case .max, .min:
    return nil
  }
  guard let (x, c) = peephole.graph.operands(of: a, binary: kind),
    let inner = peephole.graph.constant(c),
    peephole.type(of: c).shape.isScalar || peephole.type(of: c) == type
  else { return nil }
  let together = kind == .add ? inner + number : inner * number
  return try peephole.binary(kind, x, peephole.constant(together, type))
}

private func simplifySelect(_ peephole: Peephole, _ operands: [ValueID]) throws -> ValueID? {
  let (mask, a, b) = (operands[0], operands[1], operands[2])
  guard let arms = peephole.shape(of: a).broadcast(with: peephole.shape(of: b)),
    let shape = arms.broadcast(with: peephole.shape(of: mask))
  else { return nil }
  if a == b { return try peephole.broadcast(a, to: shape) }
  if let chosen = peephole.graph.constant(mask) {
    return try peephole.broadcast(chosen != 0 ? a : b, to: shape)
  }
  guard peephole.graph.constant(a) == 1, peephole.graph.constant(b) == 0 else { return nil }
  let number = try peephole.emitOne(.elementwise(.convertToFloat), [mask])
  return try peephole.broadcast(number, to: shape)
}

/// A mask `x > 0` read as a number is `step(x)`.
private func simplifyConvert(_ peephole: Peephole, _ mask: ValueID) throws -> ValueID? {
  let node = peephole.graph.producer(of: mask)
  guard node.op == .elementwise(.compare(.greater)), peephole.graph.constant(node.operands[1]) == 0
  else { return nil }
  let step = try peephole.unary(.step, node.operands[0])
  return try peephole.broadcast(step, to: peephole.shape(of: mask))
}

/// An elementwise op broadcasts by itself: it reads what was broadcast, and if all its operands
/// were, the result is broadcast instead. A constant counts as a broadcast scalar, a
/// single number in another shape too.
func simplifyBroadcastOperands(
  _ peephole: Peephole, _ op: Op, _ operands: [ValueID]
) throws -> ValueID? {
  guard case .elementwise = op else { return nil }
  let stripped = try operands.map { operand in
    if let source = peephole.graph.broadcast(operand) { return source }
    if let source = peephole.graph.reshape(operand), peephole.shape(of: source).isScalar {
      return source
    }
    var type = peephole.type(of: operand)
    guard let number = peephole.graph.constant(operand), !type.shape.isScalar else {
      return operand
    }
    type.shape = .scalar
    return try peephole.constant(number, type)
  }
  guard stripped != operands else { return nil }
  let before = try op.infer(operands.map { peephole.type(of: $0) })
  let result = try peephole.emitOne(op, stripped)
  return try peephole.broadcast(result, to: before[0].shape)
}
