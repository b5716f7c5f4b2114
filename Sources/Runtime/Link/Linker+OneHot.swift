import CKernels
import Plan

extension Linker {
  private struct OneHotColumns {
    var base: UnsafeMutablePointer<Int32>
    var stride: Int
    var columns: UnsafePointer<Int64>
    var offsets: UnsafePointer<Int64>
    var counts: UnsafePointer<Int64>
  }

  private func columns(
    _ features: [OneHotLinearInstruction.Feature], _ weight: Matrix, _ matrix: Matrix
  ) throws(LinkError) -> OneHotColumns {
    var all: [Ids] = []
    for (k, feature) in features.enumerated() {
      let ids = try ids(feature.ids, "ids \(k)")
      try check(ids.rows, matrix.rows, "ids \(k), rows")
      guard ids.length == 1, ids.stride == all.first?.stride ?? ids.stride else {
        throw fault("ids \(k): not a column of the same matrix as the others")
      }
      guard feature.rowOffset >= 0, feature.rowCount > 0, feature.rowOffset <= size(weight.rows),
        feature.rowCount <= size(weight.rows) - feature.rowOffset
      else {
        throw fault(
          "feature \(k): rows \(feature.rowOffset)+\(feature.rowCount) of \(weight.rows)")
      }
      all.append(ids)
    }
    guard let base = all.map(\.pointer).min(), let first = all.first else {
      throw fault("no features")
    }
    return OneHotColumns(
      base: base, stride: first.stride,
      columns: UnsafePointer(store.make(all.map { Int64($0.pointer - base) })),
      offsets: UnsafePointer(store.make(features.map { Int64($0.rowOffset) })),
      counts: UnsafePointer(store.make(features.map { Int64($0.rowCount) })))
  }

  mutating func link(_ i: OneHotLinearInstruction) throws(LinkError) {
    let weight = try matrix(i.weight, "weight")
    let out = try matrix(i.matrix, writes: true, "matrix")
    try check(weight.columns, out.columns, "weight, columns")
    let features = try columns(i.features, weight, out)
    var args = mtlc_onehot_linear_args()
    args.n = Int64(size(out.columns))
    args.feature_count = Int64(i.features.count)
    args.id_columns = features.columns
    args.row_offsets = features.offsets
    args.row_counts = features.counts
    args.ids = UnsafePointer(features.base)
    args.ld_ids = Int64(features.stride)
    args.weight = UnsafePointer(weight.pointer)
    args.ld_weight = Int64(weight.stride)
    if let bias = i.bias {
      args.bias = UnsafePointer(try vector(bias, count: out.columns, "bias").pointer)
    }
    args.out = out.pointer
    args.ld_out = Int64(out.stride)
    args.accumulate = i.accumulate ? 1 : 0
    if let range = i.activationColumns {
      guard range.lowerBound >= 0, range.upperBound <= size(out.columns) else {
        throw fault("activation columns \(range) of \(out.columns)")
      }
      args.activation_begin = Int64(range.lowerBound)
      args.activation_end = Int64(range.upperBound)
    }
    if i.activationColumns?.isEmpty != true {
      args.activation = i.activation.kernelConstant
    } else {
      (args.activation_begin, args.activation_end) = (0, 0)
    }
    let pointer = store.make(args)
    bind(pointer.pointer(to: \.rows), out.rows)
    add(.oneHotLinear, pointer)
  }

  mutating func link(_ i: OneHotGradientInstruction) throws(LinkError) {
    let weight = try matrix(i.weight, writes: true, "weight")
    let cotangent = try matrix(i.matrix, "matrix")
    try check(weight.columns, cotangent.columns, "weight, columns")
    let features = try columns(i.features, weight, cotangent)
    var args = mtlc_onehot_gradient_args()
    args.n = Int64(size(cotangent.columns))
    args.feature_count = Int64(i.features.count)
    args.id_columns = features.columns
    args.row_offsets = features.offsets
    args.row_counts = features.counts
    args.ids = UnsafePointer(features.base)
    args.ld_ids = Int64(features.stride)
    args.d_out = UnsafePointer(cotangent.pointer)
    args.ld_d_out = Int64(cotangent.stride)
    args.d_weight = weight.pointer
    args.ld_d_weight = Int64(weight.stride)
    if let l2 = i.updateL2 {
      guard i.isSteppable(rows: size(cotangent.rows)) else {
        throw fault("an update of rows that are shared or too many")
      }
      args.update = UnsafePointer(
        try makeUpdate(.init(parameter: i.weight, l2: l2), weight))
      args.update_rows = i.updatedRows.kernelConstant
    }
    if let bias = i.bias {
      args.d_bias = try vector(bias, count: cotangent.columns, "bias").pointer
    }
    let pointer = store.make(args)
    bind(pointer.pointer(to: \.rows), cotangent.rows)
    add(.oneHotGradient, pointer)
  }

  /// output[r, d] = (ids[r] = d): a comparison with the numbers 0, 1, 2 … as an elementwise loop.
  mutating func link(_ i: OneHotInstruction) throws(LinkError) {
    let ids = try ids(i.ids, "ids")
    let output = try matrix(i.output, writes: true, "output")
    try check(ids.rows, output.rows, "ids, rows")
    guard ids.length == 1, case .fixed(let depth) = output.columns, depth <= 1 << 24 else {
      throw fault("ids of length \(ids.length), depth \(output.columns)")
    }
    var operands = [mtlc_elementwise_operand](repeating: mtlc_elementwise_operand(), count: 3)
    operands[0].data = UnsafeMutableRawPointer(ids.pointer)
    operands[0].type = MTLC_TYPE_I32
    operands[0].stride.2 = Int64(ids.stride)
    operands[1].data = UnsafeMutableRawPointer(store.make((0..<Int32(depth)).map { $0 }))
    operands[1].type = MTLC_TYPE_I32
    operands[1].stride.3 = 1
    operands[2].data = UnsafeMutableRawPointer(output.pointer)
    operands[2].stride = (0, 0, Int64(output.stride), 1)
    let steps = [
      mtlc_elementwise_op(opcode: MTLC_OP_LOAD, dst: 0, a: 0, b: 0, c: 0, imm: 0),
      mtlc_elementwise_op(opcode: MTLC_OP_LOAD, dst: 1, a: 1, b: 0, c: 0, imm: 0),
      mtlc_elementwise_op(opcode: MTLC_OP_EQ, dst: 2, a: 0, b: 1, c: 0, imm: 0),
      mtlc_elementwise_op(opcode: MTLC_OP_STORE, dst: 0, a: 2, b: 2, c: 0, imm: 0),
    ]
    var args = mtlc_elementwise_args()
    args.operand_count = Int64(operands.count)
    args.operands = UnsafePointer(store.make(operands))
    args.op_count = Int64(steps.count)
    args.ops = UnsafePointer(store.make(steps))
    let pointer = store.make(args)
    bindDimensions(pointer.pointer(to: \.dims), [output.rows, output.columns])
    add(.elementwise, pointer)
  }
}

extension KernelFamily where Arguments == mtlc_onehot_linear_args {
  fileprivate static var oneHotLinear: Self {
    Self(
      tiles: { mtlc_onehot_linear_tiles($0.typed()) },
      run: { mtlc_onehot_linear_run($0.typed(), $1, $2) })
  }
}

extension KernelFamily where Arguments == mtlc_onehot_gradient_args {
  fileprivate static var oneHotGradient: Self {
    Self(
      tiles: { mtlc_onehot_gradient_tiles($0.typed()) },
      run: { mtlc_onehot_gradient_run($0.typed(), $1, $2) })
  }
}
