import CKernels
import Plan
import Schema

extension Linker {
  mutating func link(_ i: MatmulInstruction) throws(LinkError) {
    guard i.groups > 0 else { throw fault("\(i.groups) groups") }
    let a = try matrix(i.a, groups: i.groups, mayTranspose: true, "operand A")
    let b = try matrix(i.b, groups: i.groups, mayTranspose: true, "operand B")
    let (m, k) = i.transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (depth, n) = i.transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
    try check(depth, k, "operand B, inner size")

    var args = mtlc_matmul_args()
    args.groups = Int64(i.groups)
    args.a = UnsafePointer(a.pointer)
    args.lda = Int64(a.stride)
    args.a_group_stride = Int64(a.groupStride)
    args.transpose_a = i.transposeA != a.isTransposed ? 1 : 0
    args.b = UnsafePointer(b.pointer)
    args.ldb = Int64(b.stride)
    args.b_group_stride = Int64(b.groupStride)
    args.transpose_b = i.transposeB != b.isTransposed ? 1 : 0
    // Programs other than a training step are exact.
    args.precision =
      (program.kind == .train ? shared.kernels.matmulPrecision : .highest).kernelConstant

    if let view = i.c {
      let c = try matrix(view, groups: i.groups, writes: true, "result")
      try check(c.rows, m, "result, rows")
      try check(c.columns, n, "result, columns")
      args.c = c.pointer
      args.ldc = Int64(c.stride)
      args.c_group_stride = Int64(c.groupStride)
      if i.accumulate {
        args.addend = UnsafePointer(c.pointer)
        (args.ldadd, args.addend_group_stride) = (args.ldc, args.c_group_stride)
      }
    } else if i.accumulate || i.update == nil && i.cross == nil {
      throw fault("no result")
    }
    if let view = i.addend {
      guard !i.accumulate else { throw fault("an addend beside what the result holds") }
      let addend = try matrix(view, groups: i.groups, "addend")
      try check(addend.rows, m, "addend, rows")
      try check(addend.columns, n, "addend, columns")
      args.addend = UnsafePointer(addend.pointer)
      args.ldadd = Int64(addend.stride)
      args.addend_group_stride = Int64(addend.groupStride)
    }
    if let cross = i.cross { try link(cross, of: i, m, n, &args) }
    if let view = i.bias {
      let bias = try vector(view, groups: i.groups, count: n, "bias")
      args.bias = UnsafePointer(bias.pointer)
      args.bias_group_stride = Int64(bias.groupStride)
    }
    if let view = i.y {
      let y = try matrix(view, groups: i.groups, "activation output")
      try check(y.rows, m, "activation output, rows")
      try check(y.columns, n, "activation output, columns")
      args.y = UnsafePointer(y.pointer)
      args.ldy = Int64(y.stride)
      args.y_group_stride = Int64(y.groupStride)
    } else if i.gradientOf != nil {
      throw fault("an activation gradient without the activation's output")
    }
    if let columns = i.activationColumns {
      guard columns.lowerBound >= 0, columns.upperBound <= size(n) else {
        throw fault("activation columns \(columns) of \(n)")
      }
      args.activation_begin = Int64(columns.lowerBound)
      args.activation_end = Int64(columns.upperBound)
    }
    // An end of 0 means all columns to the kernel.
    if i.activationColumns?.isEmpty != true {
      args.activation = i.activation.kernelConstant
      args.activation_gradient = i.gradientOf.kernelConstant
    } else {
      (args.activation_begin, args.activation_end) = (0, 0)
    }
    if let view = i.columnSums {
      let sums = try vector(view, groups: i.groups, count: n, "column sums")
      args.colsum = sums.pointer
      args.colsum_group_stride = Int64(sums.groupStride)
    }
    if let update = i.update {
      let target = try matrix(update.parameter, groups: i.groups, writes: true, "parameter")
      try check(target.rows, m, "parameter, rows")
      try check(target.columns, n, "parameter, columns")
      args.update = UnsafePointer(try makeUpdate(update, target))
    }
    if let update = i.columnUpdate {
      let target = try vector(update.parameter, groups: i.groups, count: n, "bias parameter")
      args.colsum_update = UnsafePointer(try makeUpdate(update, target))
    }
    add(matmulKernel, args, (\.m, m), (\.n, n), (\.k, k))
  }

  private func link(
    _ cross: MatmulInstruction.Cross, of i: MatmulInstruction, _ m: Extent, _ n: Extent,
    _ args: inout mtlc_matmul_args
  ) throws(LinkError) {
    guard i.groups == 1, i.update == nil else { throw fault("a cross of several products") }
    func place(
      _ view: View, _ what: String, writes: Bool = false
    ) throws(LinkError) -> (UnsafeMutablePointer<Float>, Int64) {
      let matrix = try matrix(view, groups: 1, writes: writes, what)
      try check(matrix.rows, m, "\(what), rows")
      try check(matrix.columns, n, "\(what), columns")
      return (matrix.pointer, Int64(matrix.stride))
    }
    let factor = try place(cross.factor, "factor")
    (args.factor, args.ldf) = (UnsafePointer(factor.0), factor.1)
    if let view = cross.residual {
      let residual = try place(view, "residual")
      (args.residual, args.ldr) = (UnsafePointer(residual.0), residual.1)
    }
    let output = try place(cross.output, "crossed", writes: true)
    (args.crossed, args.ldx) = (output.0, output.1)
  }

  func makeUpdate(_ update: MatmulInstruction.FusedUpdate, _ target: Matrix)
    throws(LinkError) -> UnsafeMutablePointer<mtlc_optimizer_update>
  {
    guard program[update.parameter.buffer].space == .parameters else {
      throw fault("an update of what is not a parameter")
    }
    return store.make(
      mtlc_optimizer_update(
        kind: shared.optimizer.kernelConstant, l2: update.l2, parameter: target.pointer,
        state1: shared.state(0, of: target.pointer), state2: shared.state(1, of: target.pointer),
        ld: Int64(target.stride), group_stride: Int64(target.groupStride),
        hyper: UnsafePointer(shared.hyper)))
  }
}

private let matmulKernel = KernelFamily<mtlc_matmul_args>(
  { mtlc_matmul_tiles($0.typed()) }, { mtlc_matmul_run($0.typed(), $1, $2) })
