import CKernels
import Plan

extension Linker {
  mutating func link(_ i: ElementwiseInstruction) throws(LinkError) {
    typealias Limits = ElementwiseInstruction
    guard i.extents.count <= Limits.maximumRank else { throw fault("rank \(i.extents.count)") }
    guard i.views.count <= Limits.maximumOperands else {
      throw fault("\(i.views.count) operands")
    }
    guard i.steps.count(where: \.operation.isReduction) <= Limits.maximumReductions else {
      throw fault("more than \(Limits.maximumReductions) reductions")
    }
    for step in i.steps { try check(step, operands: i.views.count) }

    var operands: [mtlc_elementwise_operand] = []
    for (k, view) in i.views.enumerated() {
      guard view.strides.count <= i.extents.count else {
        throw fault("operand \(k): rank \(view.strides.count) in a loop of rank \(i.extents.count)")
      }
      // Right-aligned: axes that the view does not have repeat it.
      let missing = i.extents.count - view.strides.count
      let strides = Array(repeating: 0, count: missing) + view.strides
      let uses = i.steps.filter { $0.operand == k }
      let reached = uses.isEmpty ? [] : reach(uses.map(\.operation), rank: i.extents.count)
      let pointer = try resolve(
        view, extents: reached.map { i.extents[$0] }, strides: reached.map { strides[$0] },
        "operand \(k)")
      var operand = mtlc_elementwise_operand()
      operand.data = pointer
      operand.type = program[view.buffer].dtype == .i32 ? MTLC_TYPE_I32 : MTLC_TYPE_F32
      if operand.type == MTLC_TYPE_I32, uses.contains(where: \.operation.isReduction) {
        throw fault("operand \(k): a reduction into integers")
      }
      withUnsafeMutableBytes(of: &operand.stride) { bytes in
        let slots = bytes.assumingMemoryBound(to: Int64.self)
        for (axis, stride) in strides.enumerated() {
          slots[4 - strides.count + axis] = Int64(stride)
        }
      }
      operands.append(operand)
    }
    let steps = i.steps.map {
      mtlc_elementwise_op(
        opcode: $0.operation.kernelConstant, dst: Int32($0.destination), a: Int32($0.a),
        b: Int32($0.b), c: Int32($0.c), imm: $0.immediate)
    }
    var args = mtlc_elementwise_args()
    args.operand_count = Int64(operands.count)
    args.op_count = Int64(steps.count)
    args.operands = UnsafePointer(store.make(operands))
    args.ops = UnsafePointer(store.make(steps))
    let pointer = store.make(args)
    bindDimensions(pointer.pointer(to: \.dims), i.extents)
    addScratch(pointer)
    add(elementwiseKernel, pointer)
  }

  /// Which axes a use of an operand walks over.
  private func reach(_ operations: [ElementwiseInstruction.Operation], rank: Int) -> [Int] {
    var axes: Set<Int> = []
    for operation in operations {
      if !operation.isReduction {
        axes.formUnion(0..<rank)
      } else if operation == .sumColumns || operation == .maxColumns {
        if rank > 0 { axes.insert(rank - 1) }
      } else if operation == .sumInner || operation == .maxInner {
        axes.formUnion(0..<max(0, rank - 1))
      }
    }
    return axes.sorted()
  }

  private func check(_ step: ElementwiseInstruction.Step, operands: Int) throws(LinkError) {
    func isRegister(_ index: Int) -> Bool {
      (0..<ElementwiseInstruction.maximumRegisters).contains(index)
    }
    let valid: Bool
    if step.operation == .load {
      valid = isRegister(step.destination) && (0..<operands).contains(step.a)
    } else if step.operation == .store || step.operation.isReduction {
      valid = isRegister(step.a) && (0..<operands).contains(step.b)
    } else {
      valid =
        isRegister(step.destination) && isRegister(step.a) && isRegister(step.b)
        && isRegister(step.c)
    }
    guard valid else {
      throw fault("\(step.operation.name) names a register or operand that is not there")
    }
  }

  /// Reductions over tiles leave partial results, for which the session gives room.
  private func addScratch(_ args: UnsafeMutablePointer<mtlc_elementwise_args>) {
    let count = Int(mtlc_elementwise_scratch(args))
    guard count > 0 else { return }
    args.pointee.counter = store.make(Int64(0))
    args.pointee.scratch = store.make([Float](repeating: 0, count: count))
  }

  /// Extents right-aligned in four; the leading ones are 1.
  mutating func bindDimensions(
    _ dimensions: UnsafeMutablePointer<(Int64, Int64, Int64, Int64)>?, _ extents: [Extent]
  ) {
    guard let dimensions else { return }
    let first = UnsafeMutableRawPointer(dimensions).assumingMemoryBound(to: Int64.self)
    for axis in 0..<4 {
      let place = axis - (4 - extents.count)
      bind(first + axis, place < 0 ? .fixed(1) : extents[place])
    }
  }

  // MARK: Instructions that are elementwise chains to the kernels

  mutating func link(_ i: FillInstruction) throws(LinkError) { try fill(i.view, i.value) }

  mutating func link(_ i: BatchSizeInstruction) throws(LinkError) {
    try fill(i.view, 0)
    guard let call = calls.last else { return }
    let args = call.arguments.assumingMemoryBound(to: mtlc_elementwise_args.self)
    guard let steps = UnsafeMutablePointer(mutating: args.pointee.ops) else { return }
    steps[0].imm = Float(program.batchCapacity)
    if let constant = steps.pointer(to: \.imm) { rowConstants.append(constant) }
  }

  private mutating func fill(_ view: View, _ value: Float) throws(LinkError) {
    try link(
      ElementwiseInstruction(
        extents: view.extents, views: [view],
        steps: [.init(.constant, destination: 0, immediate: value), .init(.store, a: 0, b: 0)]))
  }
}

let elementwiseKernel = KernelFamily<mtlc_elementwise_args>(
  { mtlc_elementwise_tiles($0.typed()) }, { mtlc_elementwise_run($0.typed(), $1, $2) })
