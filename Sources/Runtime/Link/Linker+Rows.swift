import CKernels
import Plan

/// Reductions, softmax and random numbers.
extension Linker {
  mutating func link(_ i: ReduceInstruction) throws(LinkError) {
    let rank = i.input.extents.count
    guard rank <= 4, i.reduced.count == rank, i.output.strides.count == rank else {
      throw fault("ranks of input, output and reduced axes differ")
    }
    let input = try pointer(i.input, "input")
    let kept = i.reduced.indices.filter { !i.reduced[$0] }
    let output = try resolve(
      i.output, extents: kept.map { i.input.extents[$0] },
      strides: kept.map { i.output.strides[$0] }, isInteger: false, "output")
    var args = mtlc_reduce_args()
    args.kind = i.kind.kernelConstant
    args.input = UnsafePointer(input.assumingMemoryBound(to: Float.self))
    args.output = output.assumingMemoryBound(to: Float.self)
    let pad = 4 - rank
    func store<T>(_ values: [T], _ field: inout (T, T, T, T)) {
      withUnsafeMutableBytes(of: &field) { bytes in
        let slots = bytes.assumingMemoryBound(to: T.self)
        for (axis, value) in values.enumerated() { slots[pad + axis] = value }
      }
    }
    store(i.reduced.map { $0 ? 1 : 0 }, &args.reduced)
    store(i.input.strides.map { Int64($0) }, &args.input_stride)
    store(i.output.strides.map { Int64($0) }, &args.output_stride)
    let pointer = self.store.make(args)
    bindDimensions(pointer.pointer(to: \.dims), i.input.extents)
    add(reduceKernel, pointer)
  }

  mutating func link(_ i: SoftmaxInstruction) throws(LinkError) {
    let x = try flattened(i.input, "input")
    let y = try flattened(i.output, "output")
    try check(y.rows, x.rows, "output, rows")
    try check(y.columns, x.columns, "output, columns")
    guard case .fixed(let columns) = x.columns else { throw fault("columns \(x.columns)") }
    var args = mtlc_softmax_args()
    args.cols = Int64(columns)
    (args.x, args.ldx) = x.source
    (args.y, args.ldy) = y.target
    add(softmaxKernel, args, (\.rows, x.rows))
  }

  /// A view of any rank as a matrix whose rows are the innermost axes; the outer axes must follow
  /// each other at one stride.
  private func flattened(_ view: View, _ what: String) throws(LinkError) -> Matrix {
    guard view.extents.count > 2 else { return try matrix(view, what) }
    let outer = view.extents.count - 1
    var rows = Extent.fixed(1)
    for axis in 0..<outer {
      let inner = axis + 1 < outer ? size(view.extents[axis + 1]) * view.strides[axis + 1] : 0
      guard axis + 1 == outer || view.strides[axis] == inner else {
        throw fault("\(what): outer axes do not follow each other")
      }
      switch (rows, view.extents[axis]) {
      case (.fixed(let a), .fixed(let b)): rows = .fixed(a * b)
      case (.fixed(let a), .batch(let b)), (.batch(let a), .fixed(let b)):
        // Sizes that depend on the batch can only be the outermost axis, or strides would.
        rows = .batch(times: a * b)
      case (.batch, .batch): throw fault("\(what): two batch axes")
      }
    }
    return try matrix(
      View(
        buffer: view.buffer, offset: view.offset, extents: [rows, view.extents[outer]],
        strides: [view.strides[outer - 1], view.strides[outer]]), what)
  }

  mutating func link(_ i: RandomInstruction) throws(LinkError) {
    let output = try pointer(i.output, "output")
    guard let row = i.row else { throw fault("output: its rows have gaps") }
    let count: Extent =
      switch i.output.extents.first ?? .fixed(1) {
      case .fixed(let rows): .fixed(rows.times(row.elements))
      case .batch(let times): .batch(times: times.times(row.elements))
      }
    guard let stream = UInt32(exactly: i.stream) else { throw fault("stream \(i.stream)") }
    var args = mtlc_random_args()
    args.stream = stream
    args.step = UnsafePointer(shared.step)
    args.first_row = UnsafePointer(shared.firstRow)
    if case .batch(let times) = count { args.row_elements = Int64(times) }
    args.out = output.assumingMemoryBound(to: Float.self)
    (args.columns, args.ld) = (Int64(row.elements), Int64(row.stride))
    let pointer = store.make(args)
    bind(pointer.pointer(to: \.count), count)
    randoms.append(pointer)
    add(randomKernel, pointer)
  }
}

private let reduceKernel = KernelFamily<mtlc_reduce_args>(
  { mtlc_reduce_tiles($0.typed()) }, { mtlc_reduce_run($0.typed(), $1, $2) })
private let softmaxKernel = KernelFamily<mtlc_softmax_args>(
  { mtlc_softmax_tiles($0.typed()) }, { mtlc_softmax_run($0.typed(), $1, $2) })
private let randomKernel = KernelFamily<mtlc_random_args>(
  { mtlc_random_tiles($0.typed()) }, { mtlc_random_run($0.typed(), $1, $2) })
