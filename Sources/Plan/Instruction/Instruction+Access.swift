/// Which memory an instruction touches: what scheduling, memory planning and validation go by.
extension Instruction {
  /// Every view that is read, those that are added to included.
  public var reads: [View] {
    switch self {
    case .matmul(let m):
      var views = [m.a, m.b]
      if let bias = m.bias { views.append(bias) }
      if let y = m.y { views.append(y) }
      if m.accumulate, let c = m.c { views.append(c) }
      if let update = m.update { views.append(update.parameter) }
      if let update = m.columnUpdate { views.append(update.parameter) }
      return views
    case .elementwise(let e):
      return e.steps.compactMap { step in
        step.operation == .load && e.operands.indices.contains(step.a) ? e.operands[step.a] : nil
      }
    case .reduce(let r): return [r.input]
    case .softmax(let s): return [s.input] + (s.cotangent.map { [$0] } ?? [])
    case .gather(let g): return g.features.flatMap { [$0.table, $0.ids] }
    case .scatterAdd(let g): return g.features.flatMap { [$0.table, $0.ids] } + [g.matrix]
    case .oneHot(let o): return [o.ids]
    case .oneHotLinear(let o):
      return o.features.map(\.ids) + o.weightRows + (o.bias.map { [$0] } ?? [])
        + (o.accumulate ? [o.matrix] : [])
    case .oneHotGradient(let o):
      return o.features.map(\.ids) + o.weightRows + (o.updatedRows == .absent ? [] : [o.matrix])
    case .mixture(let m): return [m.experts, m.logits]
    case .mixtureGradient(let m): return [m.experts, m.weights, m.cotangent]
    case .convolution(let c): return c.operands
    case .pool(let p): return p.operands
    case .sparseUpdate(let u):
      return [u.table] + u.sources.flatMap { [$0.ids, $0.matrix].compactMap { $0 } }
    case .random, .fill, .batchSize, .optimizer: return []
    }
  }

  /// Every view that is written. The optimizer's segments are not views; see `OptimizerInstruction`.
  public var writes: [View] {
    switch self {
    case .matmul(let m):
      return [m.c, m.columnSums, m.update?.parameter, m.columnUpdate?.parameter].compactMap { $0 }
    case .elementwise(let e):
      return e.steps.compactMap { step in
        step.operation.writesOperand && e.operands.indices.contains(step.b)
          ? e.operands[step.b] : nil
      }
    case .reduce(let r): return [r.output]
    case .softmax(let s): return [s.output]
    case .gather(let g): return [g.matrix]
    case .scatterAdd(let g): return g.features.map(\.table)
    case .oneHot(let o): return [o.output]
    case .oneHotLinear(let o): return [o.matrix]
    case .oneHotGradient(let o): return o.weightRows + (o.bias.map { [$0] } ?? [])
    case .mixture(let m): return [m.output] + (m.weights.map { [$0] } ?? [])
    case .mixtureGradient(let m): return [m.expertCotangents, m.logitCotangents]
    case .convolution(let c): return [c.output]
    case .pool(let p): return p.outputs
    case .random(let r): return [r.output]
    case .fill(let view, _), .batchSize(let view): return [view]
    case .sparseUpdate(let u): return [u.table]
    case .optimizer: return []
    }
  }

  /// The name of the kernel family, for reports.
  public var name: String {
    switch self {
    case .matmul(let m): m.update == nil ? "matmul" : "matmul+update"
    case .elementwise: "elementwise"
    case .reduce: "reduce"
    case .softmax(let s): s.cotangent == nil ? "softmax" : "softmax_gradient"
    case .gather: "gather"
    case .scatterAdd: "scatter_add"
    case .oneHot: "one_hot"
    case .oneHotLinear: "one_hot_linear"
    case .oneHotGradient(let o):
      o.updateL2 == nil
        ? "one_hot_gradient" : o.updatedRows == .absent ? "absent_rows_update" : "one_hot_update"
    case .mixture: "mixture"
    case .mixtureGradient: "mixture_gradient"
    case .convolution(let c): c.kind.name
    case .pool(let p): p.kind.name
    case .random: "random"
    case .fill: "fill"
    case .batchSize: "batch_size"
    case .sparseUpdate: "sparse_update"
    case .optimizer(let o): o.maximumNorm == nil ? "optimizer" : "clip+optimizer"
    }
  }
}

extension ElementwiseInstruction.Operation {
  /// Whether step operand `b` names an operand that is written.
  public var writesOperand: Bool {
    switch self {
    case .store, .sumAll, .maxAll, .sumColumns, .maxColumns, .sumInner, .maxInner: true
    default: false
    }
  }

  /// Whether it combines elements and needs the whole extent.
  public var isReduction: Bool { writesOperand && self != .store }
}

extension View {
  /// The offsets of the first and the last element for a run of `rows` rows, nil when there are
  /// none or when the numbers overflow. Strides are not negative in a valid view.
  public func bounds(rows: Int) -> ClosedRange<Int>? {
    var last = offset
    for (extent, stride) in zip(extents, strides) {
      let size = extent.size(rows: rows)
      guard size > 0 else { return nil }
      let (product, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      guard !overflow else { return nil }
      let (sum, overflow2) = last.addingReportingOverflow(product)
      guard !overflow2 else { return nil }
      last = sum
    }
    guard last >= offset else { return nil }
    return offset...last
  }

  /// Whether two views may share an element; false only when that is certain.
  public func mayOverlap(_ other: View, rows: Int) -> Bool {
    guard buffer == other.buffer else { return false }
    guard let a = bounds(rows: rows), let b = other.bounds(rows: rows) else { return true }
    guard a.overlaps(b) else { return false }
    // Columns of one matrix: the same row stride, and column ranges that do not meet.
    guard let p = matrixColumns(rows: rows), let q = other.matrixColumns(rows: rows) else {
      return true
    }
    let stride = Swift.max(p.stride, q.stride)
    guard stride > 0, p.stride == stride || p.rows == 1, q.stride == stride || q.rows == 1 else {
      return true
    }
    let first = offset % stride
    let second = other.offset % stride
    guard first + p.width <= stride, second + q.width <= stride else { return true }
    return first < second + q.width && second < first + p.width
  }

  /// The view as rows of `width` neighbouring elements, if it is one.
  private func matrixColumns(rows: Int) -> (rows: Int, stride: Int, width: Int)? {
    var width = 1
    var axis = extents.count - 1
    while axis >= 0 {
      let size = extents[axis].size(rows: rows)
      if size == 1 {
        axis -= 1
        continue
      }
      guard strides[axis] == width else { break }
      width *= size
      axis -= 1
    }
    var count = 1
    var stride = 0
    while axis >= 0 {
      let size = extents[axis].size(rows: rows)
      if size != 1 {
        if stride == 0 {
          stride = strides[axis]
          count = size
        } else if strides[axis] == stride * count {
          count *= size
        } else {
          return nil
        }
      }
      axis -= 1
    }
    return (count, stride, width)
  }
}
