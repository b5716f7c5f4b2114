import TensorTypes

/// One function per op, and the small compositions that every model uses.
extension Emitter {
  /// Emits an op that has one result.
  public func emitOne(_ op: Op, _ operands: [Tensor]) throws -> Tensor {
    let results = try emit(op, operands)
    guard results.count == 1, let result = results.first else {
      throw TypeError(op: op.mnemonic, "has \(results.count) results where one is expected")
    }
    return result
  }

  public func shape(of tensor: Tensor) -> Shape { type(of: tensor).shape }

  // MARK: Sources

  public func input(_ id: InputID, _ type: TensorType) throws -> Tensor {
    try emitOne(.source(.input(id, type)), [])
  }
  public func constant(_ value: Double, _ type: TensorType = .f32()) throws -> Tensor {
    try emitOne(.source(.constant(value, type)), [])
  }
  /// The number of rows of the step, f32[].
  public func batchSize() throws -> Tensor { try emitOne(.source(.batchSize), []) }
  /// Fresh uniform numbers in [0, 1).
  public func random(_ shape: Shape) throws -> Tensor {
    try emitOne(.source(.random(stream: makeRandomStream(), shape)), [])
  }

  // MARK: Elementwise

  public func unary(_ kind: ElementwiseOp.Unary, _ x: Tensor) throws -> Tensor {
    try emitOne(.elementwise(.unary(kind)), [x])
  }
  public func binary(_ kind: ElementwiseOp.Binary, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try emitOne(.elementwise(.binary(kind)), [a, b])
  }
  public func neg(_ x: Tensor) throws -> Tensor { try unary(.neg, x) }
  public func exp(_ x: Tensor) throws -> Tensor { try unary(.exp, x) }
  public func log(_ x: Tensor) throws -> Tensor { try unary(.log, x) }
  public func sqrt(_ x: Tensor) throws -> Tensor { try unary(.sqrt, x) }
  public func square(_ x: Tensor) throws -> Tensor { try unary(.square, x) }
  public func abs(_ x: Tensor) throws -> Tensor { try unary(.abs, x) }
  public func relu(_ x: Tensor) throws -> Tensor { try unary(.relu, x) }
  public func sigmoid(_ x: Tensor) throws -> Tensor { try unary(.sigmoid, x) }
  public func tanh(_ x: Tensor) throws -> Tensor { try unary(.tanh, x) }
  public func softplus(_ x: Tensor) throws -> Tensor { try unary(.softplus, x) }
  public func sin(_ x: Tensor) throws -> Tensor { try unary(.sin, x) }
  public func cos(_ x: Tensor) throws -> Tensor { try unary(.cos, x) }
  public func add(_ a: Tensor, _ b: Tensor) throws -> Tensor { try binary(.add, a, b) }
  public func sub(_ a: Tensor, _ b: Tensor) throws -> Tensor { try binary(.sub, a, b) }
  public func mul(_ a: Tensor, _ b: Tensor) throws -> Tensor { try binary(.mul, a, b) }
  public func div(_ a: Tensor, _ b: Tensor) throws -> Tensor { try binary(.div, a, b) }
  public func max(_ a: Tensor, _ b: Tensor) throws -> Tensor { try binary(.max, a, b) }
  public func min(_ a: Tensor, _ b: Tensor) throws -> Tensor { try binary(.min, a, b) }
  /// x times a number.
  public func scale(_ x: Tensor, by factor: Double) throws -> Tensor {
    try mul(x, constant(factor))
  }
  public func compare(
    _ kind: ElementwiseOp.Comparison, _ a: Tensor, _ b: Tensor
  ) throws -> Tensor {
    try emitOne(.elementwise(.compare(kind)), [a, b])
  }
  public func select(_ mask: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try emitOne(.elementwise(.select), [mask, a, b])
  }
  public func convertToFloat(_ x: Tensor) throws -> Tensor {
    try emitOne(.elementwise(.convertToFloat), [x])
  }
  public func isPresent(_ ids: Tensor) throws -> Tensor {
    try emitOne(.elementwise(.isPresent), [ids])
  }
  public func stopGradient(_ x: Tensor) throws -> Tensor {
    try emitOne(.elementwise(.stopGradient), [x])
  }

  // MARK: Layout

  public func reshape(_ x: Tensor, _ shape: Shape) throws -> Tensor {
    try emitOne(.layout(.reshape(shape)), [x])
  }
  public func broadcast(_ x: Tensor, to shape: Shape) throws -> Tensor {
    try emitOne(.layout(.broadcast(shape)), [x])
  }
  public func transpose(_ x: Tensor, _ permutation: [Int]) throws -> Tensor {
    try emitOne(.layout(.transpose(permutation)), [x])
  }
  public func concat(_ parts: [Tensor], axis: Int) throws -> Tensor {
    try emitOne(.layout(.concat(axis: axis)), parts)
  }
  public func slice(_ x: Tensor, axis: Int, _ range: Range<Int>) throws -> Tensor {
    try emitOne(.layout(.slice(axis: axis, start: range.lowerBound, end: range.upperBound)), [x])
  }
  public func pad(_ x: Tensor, axis: Int, before: Int, after: Int) throws -> Tensor {
    try emitOne(.layout(.pad(axis: axis, before: before, after: after)), [x])
  }

  // MARK: Reductions

  public func reduce(
    _ kind: ReductionOp.Kind, _ x: Tensor, axes: [Int], keepAxes: Bool = false
  ) throws -> Tensor {
    try emitOne(.reduction(.reduce(kind, axes: axes, keepAxes: keepAxes)), [x])
  }
  public func sum(_ x: Tensor, axes: [Int], keepAxes: Bool = false) throws -> Tensor {
    try reduce(.sum, x, axes: axes, keepAxes: keepAxes)
  }
  /// The sum of all elements, f32[].
  public func sum(_ x: Tensor) throws -> Tensor {
    try sum(x, axes: Array(0..<shape(of: x).rank))
  }
  /// The mean of all elements, f32[].
  public func mean(_ x: Tensor) throws -> Tensor {
    let shape = shape(of: x)
    let total = try scale(sum(x), by: 1 / Double(Swift.max(shape.fixedCount, 1)))
    return shape.hasBatch ? try div(total, batchSize()) : total
  }
  /// Softmax over the last axis.
  public func softmax(_ x: Tensor) throws -> Tensor { try emitOne(.reduction(.softmax), [x]) }

  // MARK: Matrices and tables

  public func matmul(
    _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
  ) throws -> Tensor {
    try emitOne(.matrix(.matmul(transposeA: transposeA, transposeB: transposeB)), [a, b])
  }
  public func gather(_ table: Tensor, _ ids: Tensor) throws -> Tensor {
    try emitOne(.lookup(.gather), [table, ids])
  }
  public func scatterAdd(_ ids: Tensor, _ updates: Tensor, rows: Int) throws -> Tensor {
    try emitOne(.lookup(.scatterAdd(rows: rows)), [ids, updates])
  }
  public func oneHot(_ ids: Tensor, depth: Int) throws -> Tensor {
    try emitOne(.lookup(.oneHot(depth: depth)), [ids])
  }

  // MARK: Broadcasting

  /// Sums a cotangent back to the shape from which it was broadcast: the one place that undoes
  /// broadcasting.
  public func sum(_ x: Tensor, to shape: Shape) throws -> Tensor {
    let from = self.shape(of: x)
    if from == shape { return x }
    let extra = from.rank - shape.rank
    var axes = Array(0..<Swift.max(extra, 0))
    for axis in 0..<shape.rank where shape[axis] == 1 && from[axis + extra] != 1 {
      axes.append(axis + extra)
    }
    return try reshape(axes.isEmpty ? x : sum(x, axes: axes), shape)
  }
}
