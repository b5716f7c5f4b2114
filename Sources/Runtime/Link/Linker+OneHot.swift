import CKernels
import Plan

extension Linker {
  /// Checks the features' ids and rows, and stores them.
  private func arrange(
    _ features: [OneHotLinearInstruction.Feature], in args: inout some OneHotArguments,
    _ weight: Matrix, _ matrix: Matrix
  ) throws(LinkError) {
    try check(weight.columns, matrix.columns, "weight, columns")
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
    args.n = Int64(size(matrix.columns))
    args.feature_count = Int64(features.count)
    args.id_columns = store.numbers(all.map { $0.pointer - base })
    args.row_offsets = store.numbers(features.map(\.rowOffset))
    args.row_counts = store.numbers(features.map(\.rowCount))
    args.ids = UnsafePointer(base)
    args.ld_ids = Int64(first.stride)
  }

  mutating func link(_ i: OneHotLinearInstruction) throws(LinkError) {
    let weight = try matrix(i.weight, "weight")
    let out = try matrix(i.matrix, writes: true, "matrix")
    var args = mtlc_onehot_linear_args()
    try arrange(i.features, in: &args, weight, out)
    (args.weight, args.ld_weight) = weight.source
    if let bias = i.bias {
      args.bias = UnsafePointer(try vector(bias, count: out.columns, "bias").pointer)
    }
    (args.out, args.ld_out) = out.target
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
    add(oneHotLinearKernel, args, (\.rows, out.rows))
  }

  mutating func link(_ i: OneHotGradientInstruction) throws(LinkError) {
    let weight = try matrix(i.weight, writes: true, "weight")
    let cotangent = try matrix(i.matrix, "matrix")
    var args = mtlc_onehot_gradient_args()
    try arrange(i.features, in: &args, weight, cotangent)
    (args.d_out, args.ld_d_out) = cotangent.source
    (args.d_weight, args.ld_d_weight) = weight.target
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
    add(oneHotGradientKernel, args, (\.rows, cotangent.rows))
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
    add(elementwiseKernel, pointer)
  }
}

/// What a product with one-hot columns and its way back are told about the columns.
// swift-format-ignore: AlwaysUseLowerCamelCase
private protocol OneHotArguments {
  var n: Int64 { get set }
  var feature_count: Int64 { get set }
  var id_columns: UnsafePointer<Int64>! { get set }
  var row_offsets: UnsafePointer<Int64>! { get set }
  var row_counts: UnsafePointer<Int64>! { get set }
  var ids: UnsafePointer<Int32>! { get set }
  var ld_ids: Int64 { get set }
}

extension mtlc_onehot_linear_args: OneHotArguments {}
extension mtlc_onehot_gradient_args: OneHotArguments {}

private let oneHotLinearKernel = KernelFamily<mtlc_onehot_linear_args>(
  { mtlc_onehot_linear_tiles($0.typed()) }, { mtlc_onehot_linear_run($0.typed(), $1, $2) })
private let oneHotGradientKernel = KernelFamily<mtlc_onehot_gradient_args>(
  { mtlc_onehot_gradient_tiles($0.typed()) }, { mtlc_onehot_gradient_run($0.typed(), $1, $2) })
