import GraphIR
import TensorTypes

/// Layouts that change nothing, and layouts of layouts.
func simplifyLayout(_ peephole: Peephole, _ op: Op, _ operands: [ValueID]) throws -> ValueID? {
  guard case .layout(let op) = op, let x = operands.first else { return nil }
  switch op {
  case .reshape(let shape):
    if peephole.shape(of: x) == shape { return x }
    if let inner = peephole.graph.reshape(x) { return try peephole.layout(.reshape(shape), inner) }
    guard let scalar = peephole.graph.broadcast(x), peephole.shape(of: scalar).isScalar else {
      return nil
    }
    return try peephole.layout(.broadcast(shape), scalar)
  case .broadcast(let shape):
    if peephole.shape(of: x) == shape { return x }
    return try peephole.graph.broadcast(x).map { try peephole.layout(.broadcast(shape), $0) }
  case .transpose(let permutation):
    if permutation == Array(permutation.indices) { return x }
    let node = peephole.graph.producer(of: x)
    guard case .layout(.transpose(let first)) = node.op else { return nil }
    return try peephole.layout(.transpose(permutation.map { first[$0] }), node.operands[0])
  case .concat(let axis):
    return try simplifyConcat(peephole, axis, operands)
  case .slice(let axis, let start, let end):
    return try simplifySlice(peephole, x, axis, start..<end)
  case .pad(let axis, let before, let after):
    if before == 0, after == 0 { return x }
    guard let inner = peephole.graph.pad(x), inner.axis == axis else { return nil }
    return try peephole.layout(
      .pad(axis: axis, before: inner.before + before, after: inner.after + after), inner.x)
  }
}

private func simplifyConcat(
  _ peephole: Peephole, _ axis: Int, _ operands: [ValueID]
) throws -> ValueID? {
  if operands.count == 1 { return operands[0] }
  var parts: [ValueID] = []
  for part in operands {
    // A concatenation within the concatenation.
    let nested = peephole.graph.concat(part)
    for piece in nested?.axis == axis ? nested?.parts ?? [part] : [part] {
      if let last = parts.last, let merged = try merge(peephole, axis, last, piece) {
        parts[parts.count - 1] = merged
      } else {
        parts.append(piece)
      }
    }
  }
  guard parts != operands else { return nil }
  return parts.count == 1 ? parts[0] : try peephole.emitOne(.layout(.concat(axis: axis)), parts)
}

/// Two neighbours as one value: adjacent slices of one value, or constants of one number.
private func merge(
  _ peephole: Peephole, _ axis: Int, _ a: ValueID, _ b: ValueID
) throws -> ValueID? {
  if let left = peephole.graph.slice(a), let right = peephole.graph.slice(b), left.x == right.x,
    left.axis == axis, right.axis == axis, left.range.upperBound == right.range.lowerBound
  {
    let range = left.range.lowerBound..<right.range.upperBound
    return try peephole.layout(
      .slice(axis: axis, start: range.lowerBound, end: range.upperBound), left.x)
  }
  if let left = peephole.graph.constant(a), left == peephole.graph.constant(b) {
    var type = peephole.type(of: a)
    type.shape.dimensions[axis] = .fixed(type.shape.size(axis) + peephole.shape(of: b).size(axis))
    return try peephole.constant(left, type)
  }
  return nil
}

private func simplifySlice(
  _ peephole: Peephole, _ x: ValueID, _ axis: Int, _ range: Range<Int>
) throws -> ValueID? {
  if range == 0..<peephole.shape(of: x).size(axis) { return x }
  if let inner = peephole.graph.slice(x), inner.axis == axis {
    let start = inner.range.lowerBound + range.lowerBound
    return try peephole.layout(
      .slice(axis: axis, start: start, end: start + range.count), inner.x)
  }
  if let (inner, parts) = peephole.graph.concat(x), inner == axis {
    return try sliceOfConcat(peephole, axis, parts, range)
  }
  if let pad = peephole.graph.pad(x), pad.axis == axis {
    let size = peephole.shape(of: pad.x).size(axis)
    let start = range.lowerBound - pad.before
    let end = range.upperBound - pad.before
    if start >= 0, end <= size {
      return try peephole.layout(.slice(axis: axis, start: start, end: end), pad.x)
    }
    if end <= 0 || start >= size {
      var type = peephole.type(of: x)
      type.shape.dimensions[axis] = .fixed(range.count)
      return try peephole.constant(0, type)
    }
  }
  return nil
}

/// The parts that a slice of a concatenation touches, each cut to what it needs.
private func sliceOfConcat(
  _ peephole: Peephole, _ axis: Int, _ parts: [ValueID], _ range: Range<Int>
) throws -> ValueID {
  var start = 0
  var pieces: [ValueID] = []
  for part in parts {
    let size = peephole.shape(of: part).size(axis)
    let overlap = range.clamped(to: start..<start + size)
    if !overlap.isEmpty {
      pieces.append(
        try peephole.layout(
          .slice(axis: axis, start: overlap.lowerBound - start, end: overlap.upperBound - start),
          part))
    }
    start += size
  }
  return try peephole.emitOne(.layout(.concat(axis: axis)), pieces)
}

/// Reducing axes of size 1 changes no number.
func simplifyReductions(_ peephole: Peephole, _ op: Op, _ operands: [ValueID]) throws -> ValueID? {
  guard case .reduction(.reduce(_, let axes, _)) = op,
    axes.allSatisfy({ peephole.shape(of: operands[0])[$0] == 1 })
  else { return nil }
  let types = try op.infer([peephole.type(of: operands[0])])
  return try peephole.layout(.reshape(types[0].shape), operands[0])
}

/// A product reads a transposed matrix as it is.
func simplifyProducts(_ peephole: Peephole, _ op: Op, _ operands: [ValueID]) throws -> ValueID? {
  guard case .matrix(.matmul(let transposeA, let transposeB)) = op else { return nil }
  let a = transposed(peephole, operands[0])
  let b = transposed(peephole, operands[1])
  guard a != nil || b != nil else { return nil }
  return try peephole.emitOne(
    .matrix(
      .matmul(transposeA: transposeA != (a != nil), transposeB: transposeB != (b != nil))),
    [a ?? operands[0], b ?? operands[1]])
}

private func transposed(_ peephole: Peephole, _ value: ValueID) -> ValueID? {
  let node = peephole.graph.producer(of: value)
  guard node.op == .layout(.transpose([1, 0])) else { return nil }
  return node.operands[0]
}
