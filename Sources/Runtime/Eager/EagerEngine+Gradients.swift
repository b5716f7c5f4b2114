import GraphIR
import TensorTypes

/// Reverse mode over the tape. The derivative rules are written here from the formulas, apart from
/// those of GraphIR, so that a wrong rule on either side shows as a difference.
extension EagerEngine {
  /// The derivatives of the sum of `target`'s elements by each source; zeros where the target does
  /// not depend on it.
  /// - Parameter createGraph: whether the derivatives are recorded too, so that they can be
  ///   differentiated again.
  /// - Throws: `TypeError`, `EagerError.foreignTensor`.
  public func gradients(
    of target: Tensor, withRespectTo sources: [Tensor], createGraph: Bool = false
  ) throws -> [Tensor] {
    let found = try cotangents(of: target, withRespectTo: sources, createGraph: createGraph)
    return try Swift.zip(found, sources).map { try $0 ?? constant(0, $1.type) }
  }

  /// As `gradients`, with nil where no recorded op leads from the source to the target.
  func cotangents(
    of target: Tensor, withRespectTo sources: [Tensor], createGraph: Bool
  ) throws -> [Tensor?] {
    for tensor in [target] + sources
    where tensor.id < firstID || tensor.id >= nextID || tensor.type.dtype != .f32 {
      throw EagerError.foreignTensor(tensor.type)
    }
    let recorded = tape
    // By the ids' place in the step: what depends on a source, and the derivatives by it so far.
    var isReached = [Bool](repeating: false, count: nextID - firstID)
    var gradients = [Tensor?](repeating: nil, count: nextID - firstID)
    func isNeeded(_ tensor: Tensor) -> Bool {
      tensor.id >= firstID && isReached[tensor.id - firstID]
    }
    for source in sources { isReached[source.id - firstID] = true }
    for entry in recorded where entry.operands.contains(where: isNeeded) {
      isReached[entry.result.id - firstID] = true
    }

    let wasRecording = isRecording
    isRecording = wasRecording && createGraph
    defer { isRecording = wasRecording }
    gradients[target.id - firstID] = try constant(1, target.type)
    var tables = TableGradients<Scalar>(isOn: !createGraph, sources, tape: recorded)
    for entry in recorded.reversed() {
      guard isNeeded(entry.result), let gradient = gradients[entry.result.id - firstID] else {
        continue
      }
      if try tables.take(entry, gradient) { continue }
      let needed = entry.operands.map(isNeeded)
      let contributions = try vectorJacobian(entry, gradient, needed)
      for (operand, contribution) in Swift.zip(entry.operands, contributions)
      where isNeeded(operand) {
        guard let contribution else { continue }
        let place = operand.id - firstID
        gradients[place] = try gradients[place].map { try add($0, contribution) } ?? contribution
      }
    }
    return try sources.map { source in
      let found = gradients[source.id - firstID]
      guard let rows = tables.sums[source.id] else { return found }
      let total = make(source.type, .floats(rows))
      return try found.map { try add($0, total) } ?? total
    }
  }

  /// The derivatives by the operands of one op, given that by its result; nil where they are zero
  /// everywhere or not needed.
  private func vectorJacobian(
    _ entry: TapeEntry, _ g: Tensor, _ needed: [Bool]
  ) throws -> [Tensor?] {
    let (x, y) = (entry.operands, entry.result)
    switch entry.op {
    case .source, .effect: return []
    case .elementwise(let op): return try elementwiseJacobian(op, x, y, g, needed)
    case .layout(let op): return try layoutJacobian(op, x, g, needed)
    case .reduction(let op): return [try reductionJacobian(op, x[0], y, g)]
    case .matrix(let op): return try matrixJacobian(op, x[0], x[1], g, needed)
    case .lookup(let op): return try lookupJacobian(op, x, g)
    case .convolution(let op): return try convolutionJacobian(op, x, g, needed)
    case .group(let op): return try groupJacobian(op, x, y, g, needed)
    case .fused(let op):
      throw TypeError(op: op.mnemonic, "is recorded as the ops that it stands for")
    }
  }

  /// Undoes broadcasting: adds up what went to copies of one element.
  func summed(_ x: Tensor, like operand: Tensor) throws -> Tensor {
    if x.type == operand.type { return x }
    let (from, to) = (x.type.shape, operand.type.shape)
    let added = from.rank - to.rank
    let axes = (0..<from.rank).filter { axis in
      axis < added || (to[axis - added] == .fixed(1) && from[axis] != .fixed(1))
    }
    let total = try emitOne(.reduction(.reduce(.sum, axes: axes, keepAxes: true)), [x])
    return try emitOne(.layout(.reshape(to)), [total])
  }

  private func elementwiseJacobian(
    _ op: ElementwiseOp, _ x: [Tensor], _ y: Tensor, _ g: Tensor, _ needed: [Bool]
  ) throws -> [Tensor?] {
    switch op {
    case .unary(let kind):
      return [try unaryJacobian(kind, x[0], y, g)]
    case .binary(let kind):
      return try binaryJacobian(kind, x[0], x[1], g, needed)
    case .select:
      let zero = try constant(0)
      return [
        nil,
        needed[1] ? try summed(select(x[0], g, zero), like: x[1]) : nil,
        needed[2] ? try summed(select(x[0], zero, g), like: x[2]) : nil,
      ]
    case .compare: return [nil, nil]
    case .convertToFloat, .isPresent, .stopGradient: return [nil]
    }
  }

  /// Where the operands of max and min are equal, the first one gets everything.
  private func binaryJacobian(
    _ kind: ElementwiseOp.Binary, _ a: Tensor, _ b: Tensor, _ g: Tensor, _ needed: [Bool]
  ) throws -> [Tensor?] {
    func left(_ compute: () throws -> Tensor) throws -> Tensor? {
      needed[0] ? try summed(compute(), like: a) : nil
    }
    func right(_ compute: () throws -> Tensor) throws -> Tensor? {
      needed[1] ? try summed(compute(), like: b) : nil
    }
    switch kind {
    case .add: return [try left { g }, try right { g }]
    case .sub: return [try left { g }, try right { try neg(g) }]
    case .mul: return [try left { try mul(g, b) }, try right { try mul(g, a) }]
    case .div:
      // ∂(a/b)/∂b = −a/b²
      return [
        try left { try div(g, b) }, try right { try neg(div(mul(g, a), square(b))) },
      ]
    case .max, .min:
      // Where the second operand is the result; a tie goes to the first.
      let second = try compare(kind == .max ? .less : .greater, a, b)
      let zero = try constant(0)
      return [
        try left { try select(second, zero, g) }, try right { try select(second, g, zero) },
      ]
    }
  }

  private func layoutJacobian(
    _ op: LayoutOp, _ x: [Tensor], _ g: Tensor, _ needed: [Bool]
  ) throws -> [Tensor?] {
    switch op {
    case .reshape:
      return [try reshape(g, x[0].type.shape)]
    case .broadcast:
      return [try summed(g, like: x[0])]
    case .transpose(let permutation):
      // Axis permutation[i] of the operand lies at axis i of g.
      let inverse = permutation.indices.map { axis in
        permutation.firstIndex(of: axis) ?? axis
      }
      return [try transpose(g, inverse)]
    case .concat(let axis):
      var start = 0
      var parts: [Tensor?] = []
      for (operand, isNeeded) in Swift.zip(x, needed) {
        let end = start + operand.sizes[axis]
        parts.append(isNeeded ? try slice(g, axis: axis, start..<end) : nil)
        start = end
      }
      return parts
    case .slice(let axis, let start, let end):
      return [try pad(g, axis: axis, before: start, after: x[0].sizes[axis] - end)]
    case .pad(let axis, let before, _):
      return [try slice(g, axis: axis, before..<(before + x[0].sizes[axis]))]
    }
  }

  private func reductionJacobian(
    _ op: ReductionOp, _ x: Tensor, _ y: Tensor, _ g: Tensor
  ) throws -> Tensor? {
    let shape = x.type.shape
    switch op {
    case .reduce(let kind, let axes, _):
      func spread(_ tensor: Tensor) throws -> Tensor {
        var kept = shape
        for axis in axes { kept.dimensions[axis] = 1 }
        return try broadcast(reshape(tensor, kept), to: shape)
      }
      switch kind {
      case .sum:
        return try spread(g)
      case .max, .min:
        // Elements that tie for the extreme share equally.
        let zero = try constant(0)
        let isExtreme = try compare(.equal, x, spread(y))
        let ties = try sum(convertToFloat(isExtreme), axes: axes, keepAxes: true)
        return try div(select(isExtreme, spread(g), zero), ties)
      }
    case .softmax:
      // ∂yᵢ/∂xⱼ = yᵢ(δᵢⱼ − yⱼ)
      let weighted = try mul(g, y)
      let total = try sum(weighted, axes: [shape.rank - 1], keepAxes: true)
      return try sub(weighted, mul(y, total))
    }
  }

  private func matrixJacobian(
    _ op: MatrixOp, _ a: Tensor, _ b: Tensor, _ g: Tensor, _ needed: [Bool]
  ) throws -> [Tensor?] {
    switch op {
    case .matmul(false, false):  // C = A·B
      return [
        needed[0] ? try matmul(g, b, transposeB: true) : nil,
        needed[1] ? try matmul(a, g, transposeA: true) : nil,
      ]
    case .matmul(false, true):  // C = A·Bᵀ
      return [
        needed[0] ? try matmul(g, b) : nil,
        needed[1] ? try matmul(g, a, transposeA: true) : nil,
      ]
    case .matmul(true, false):  // C = Aᵀ·B
      return [
        needed[0] ? try matmul(b, g, transposeB: true) : nil,
        needed[1] ? try matmul(a, g) : nil,
      ]
    case .matmul(true, true):  // C = Aᵀ·Bᵀ
      return [
        needed[0] ? try matmul(b, g, transposeA: true, transposeB: true) : nil,
        needed[1] ? try matmul(g, a, transposeA: true, transposeB: true) : nil,
      ]
    case .linear:
      throw TypeError(op: op.mnemonic, "is recorded as the ops that it stands for")
    }
  }

  private func lookupJacobian(_ op: LookupOp, _ x: [Tensor], _ g: Tensor) throws -> [Tensor?] {
    switch op {
    case .gather: return [try scatterAdd(x[1], g, rows: x[0].sizes[0]), nil]
    case .scatterAdd: return [nil, try gather(g, x[0])]
    case .oneHot: return [nil]
    }
  }
}
