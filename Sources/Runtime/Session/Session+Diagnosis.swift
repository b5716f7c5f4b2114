import CKernels
import Plan
import TensorTypes

extension Session {
  /// The first parameter that holds a value that is not finite.
  public func nonFiniteParameter() -> String? {
    let floats = shared.parameters.floats
    for record in plan.parameters {
      for row in 0..<record.rows {
        let start = record.offset + row * record.rowStride
        for k in start..<start + record.columns where !floats[k].isFinite { return record.name }
      }
    }
    return nil
  }

  /// Runs a program instruction by instruction and looks at what each one wrote.
  /// - Returns: what first held a value that is not finite; nil when nothing did.
  public func runLookingForNonFinite(_ kind: Program.Kind, rows: Int) throws(SessionError)
    -> String?
  {
    let linked = try prepare(kind, rows: rows)
    defer { finish(kind) }
    var found: String?
    for feed in linked.program.feeds where found == nil {
      let buffer = linked.program[feed.buffer]
      if buffer.dtype == .i32 { continue }
      let floats = (linked.feeds.base + 4 * buffer.offset).assumingMemoryBound(to: Float.self)
      for k in 0..<rows * feed.width where !floats[k].isFinite {
        found = "feed '\(feed.name)', row \(k / feed.width) of the batch"
        break
      }
    }
    if found == nil, let parameter = nonFiniteParameter() { found = "parameter '\(parameter)'" }
    let calls = linked.linkedCalls
    let mode = mtlc_float_mode_flush()
    defer { mtlc_float_mode_restore(mode) }
    for (k, call) in calls.enumerated() {
      call.kernel.run(call.arguments)
      let isLast = k + 1 == calls.count || calls[k + 1].instruction != call.instruction
      if found == nil, isLast { found = nonFinite(linked, call.instruction, rows) }
    }
    return found
  }

  /// Which result of an instruction is not finite.
  private func nonFinite(_ linked: LinkedProgram, _ index: Int, _ rows: Int) -> String? {
    let instruction = linked.program.instructions[index]
    let name = "instruction \(index) (\(instruction.name))"
    for view in instruction.writes {
      let buffer = linked.program[view.buffer]
      guard buffer.dtype != .i32, !isFinite(linked, buffer, view, rows) else { continue }
      return buffer.label.isEmpty
        ? "\(name), result \(view.buffer)" : "\(name), result '\(buffer.label)'"
    }
    if case .optimizer = instruction, let parameter = nonFiniteParameter() {
      return "\(name), parameter '\(parameter)'"
    }
    return nil
  }

  private func isFinite(_ linked: LinkedProgram, _ buffer: Buffer, _ view: View, _ rows: Int)
    -> Bool
  {
    let block = linked.block(buffer.space, shared)
    let base = block.base.assumingMemoryBound(to: Float.self) + buffer.offset + view.offset
    // The linker has checked what the instruction reaches; a view may say more than that.
    let axes = zip(view.extents, view.strides).map { (size: $0.size(rows: rows), stride: $1) }
    let limit = buffer.count - view.offset
    func walk(_ axis: Int, _ place: Int) -> Bool {
      guard axis < axes.count else { return place >= limit || base[place].isFinite }
      for k in 0..<axes[axis].size {
        guard walk(axis + 1, place + k * axes[axis].stride) else { return false }
        if axes[axis].stride == 0 { break }
      }
      return true
    }
    return walk(0, 0)
  }
}
