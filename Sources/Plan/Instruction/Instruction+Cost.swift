extension Instruction {
  /// The arithmetic of one run with `rows` rows (a multiply-add counts two), and the elements that
  /// are read and written.
  public func cost(rows: Int) -> (flops: Int, elements: Int) {
    let elements = (reads + writes).reduce(0) { sum, view in
      let count = zip(view.extents, view.strides).reduce(1) { product, axis in
        axis.1 == 0 ? product : saturated(product, axis.0.size(rows: rows))
      }
      return sum &+ count
    }
    switch self {
    case .matmul(let m):
      let depth =
        (m.transposeA ? m.a.extents.dropLast() : m.a.extents).last?.size(rows: rows) ?? 0
      let width =
        (m.transposeB ? m.b.extents.dropLast() : m.b.extents).last?.size(rows: rows) ?? 0
      let height =
        (m.transposeA ? m.a.extents : m.a.extents.dropLast()).last?.size(rows: rows) ?? 0
      let product = saturated(saturated(height, width), saturated(depth, 2 * m.groups))
      // An optimizer in the epilogue touches two states beside the parameter.
      return (product, elements + (m.update == nil ? 0 : saturated(height, width) * 2))
    case .elementwise(let e):
      let count = e.extents.reduce(1) { saturated($0, $1.size(rows: rows)) }
      let operations = e.steps.reduce(0) { $0 + $1.operation.weight }
      return (saturated(count, operations), elements)
    case .optimizer(let o):
      let count = o.segments.reduce(0) { $0 &+ $1.count }
      let norm = o.maximumNorm == nil ? 0 : 1
      return (saturated(count, 12 + 2 * norm), saturated(count, 7 + norm))
    case .sparseUpdate(let u):
      let columns = u.table.extents.last?.size(rows: rows) ?? 0
      let touched = u.sources.reduce(0) { sum, source in
        let occurrences = source.ids.map(\.extents) ?? [source.matrix.extents[0]]
        return sum &+ occurrences.reduce(1) { saturated($0, $1.size(rows: rows)) }
      }
      return (saturated(saturated(touched, columns), 12), saturated(touched, columns + 30))
    case .oneHotLinear(let o), .oneHotGradient(let o):
      let columns = o.matrix.extents.last?.size(rows: rows) ?? 0
      let touched = saturated(saturated(rows, columns), o.features.count)
      guard o.updateL2 != nil else { return (touched, saturated(touched, 2)) }
      // The step sweeps the parameter and two states.
      let all = o.features.reduce(0) { saturatedSum($0, $1.rowCount) }
      let present = Int(min(o.expectedRows(rows: rows), 1e15))
      let stepped =
        switch o.updatedRows {
        case .all: all
        case .present: present
        case .absent: max(0, all - present)
        }
      let swept = saturated(stepped, columns)
      let summed = o.updatedRows == .absent ? 0 : touched
      return (summed &+ saturated(swept, 12), summed &+ saturated(swept, 6))
    case .gather(let g), .scatterAdd(let g):
      let touched = g.features.reduce(0) { sum, feature in
        let columns = feature.table.extents.last?.size(rows: rows) ?? 0
        let ids = feature.ids.extents.reduce(1) { saturated($0, $1.size(rows: rows)) }
        return sum &+ saturated(columns, ids)
      }
      return (touched, saturated(touched, 2))
    case .mixture(let m):
      let picks = m.layout.gates.reduce(0) { $0 + $1.experts.count }
      return (saturated(saturated(rows, picks), 2 * m.layout.width + 20), elements)
    case .mixtureGradient(let m):
      let picks = m.layout.gates.reduce(0) { $0 + $1.experts.count }
      return (saturated(saturated(rows, picks), 4 * m.layout.width + 10), elements)
    case .convolution(let c):
      // Each element of the result meets a column of the filter.
      let results = c.result.extents.reduce(1) { saturated($0, $1.size(rows: rows)) }
      let column = c.filter.extents.dropLast().reduce(2) { saturated($0, $1.size(rows: rows)) }
      return (saturated(results, column), elements)
    case .pool(let p):
      return (saturated(elements, p.window), elements)
    case .softmax: return (saturated(elements, 10), elements)
    case .reduce, .oneHot, .random, .fill, .batchSize: return (elements, elements)
    }
  }
}

private func saturated(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? Int.max / 1024 : product
}

private func saturatedSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? Int.max / 1024 : sum
}

extension ElementwiseInstruction.Operation {
  /// Roughly how many additions it is worth.
  fileprivate var weight: Int {
    switch self {
    case .load, .store, .constant: 0
    case .exp, .log, .log1p, .sigmoid, .tanh, .softplus: 15
    case .sqrt, .rsqrt, .reciprocal, .div: 4
    default: 1
    }
  }
}
