import GraphIR
import TensorTypes

/// Questions that patterns ask about the node behind a value.
extension Graph {
  func op(of value: ValueID) -> Op { producer(of: value).op }
  func shape(of value: ValueID) -> Shape { type(of: value).shape }

  /// The number that every element has, where the value is a constant.
  func constant(_ value: ValueID) -> Double? {
    if case .source(.constant(let number, _)) = op(of: value) { number } else { nil }
  }

  func unary(_ value: ValueID) -> (kind: ElementwiseOp.Unary, x: ValueID)? {
    let node = producer(of: value)
    guard case .elementwise(.unary(let kind)) = node.op else { return nil }
    return (kind, node.operands[0])
  }

  func operand(of value: ValueID, unary kind: ElementwiseOp.Unary) -> ValueID? {
    guard let found = unary(value), found.kind == kind else { return nil }
    return found.x
  }

  func binary(_ value: ValueID) -> (kind: ElementwiseOp.Binary, a: ValueID, b: ValueID)? {
    let node = producer(of: value)
    guard case .elementwise(.binary(let kind)) = node.op else { return nil }
    return (kind, node.operands[0], node.operands[1])
  }

  func operands(of value: ValueID, binary kind: ElementwiseOp.Binary) -> (a: ValueID, b: ValueID)? {
    guard let found = binary(value), found.kind == kind else { return nil }
    return (found.a, found.b)
  }

  func slice(_ value: ValueID) -> (axis: Int, range: Range<Int>, x: ValueID)? {
    let node = producer(of: value)
    guard case .layout(.slice(let axis, let start, let end)) = node.op else { return nil }
    return (axis, start..<end, node.operands[0])
  }

  func pad(_ value: ValueID) -> (axis: Int, before: Int, after: Int, x: ValueID)? {
    let node = producer(of: value)
    guard case .layout(.pad(let axis, let before, let after)) = node.op else { return nil }
    return (axis, before, after, node.operands[0])
  }

  func concat(_ value: ValueID) -> (axis: Int, parts: [ValueID])? {
    let node = producer(of: value)
    guard case .layout(.concat(let axis)) = node.op else { return nil }
    return (axis, node.operands)
  }

  func reshape(_ value: ValueID) -> ValueID? {
    let node = producer(of: value)
    guard case .layout(.reshape) = node.op else { return nil }
    return node.operands[0]
  }

  func broadcast(_ value: ValueID) -> ValueID? {
    let node = producer(of: value)
    guard case .layout(.broadcast) = node.op else { return nil }
    return node.operands[0]
  }
}

extension Shape {
  /// The size of an axis that must be static; the verifier has seen to it where patterns ask.
  func size(_ axis: Int) -> Int { dimensions[axis].size(batch: 1) }
}
