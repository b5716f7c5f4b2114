import CKernels
import Plan
import Schema
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
        let name = plan.schema.numbers(ofFeed: feed.name, column: k % feed.width)?.name
        found = "\(name ?? "feed '\(feed.name)'"), row \(k / feed.width + 1) of the batch"
        break
      }
    }
    if found == nil, let parameter = nonFiniteParameter() {
      found = "the layer \(layerName(parameter))"
    }
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

  /// Where an instruction is in the model, when a result of it is not finite.
  private func nonFinite(_ linked: LinkedProgram, _ index: Int, _ rows: Int) -> String? {
    let program = linked.program
    let instruction = program.instructions[index]
    let isBroken = instruction.writes.contains { view in
      let buffer = program[view.buffer]
      return buffer.dtype != .i32 && !isFinite(linked, buffer, view, rows)
    }
    if isBroken { return place(program, index) }
    if case .optimizer = instruction, let parameter = nonFiniteParameter() {
      return "the layer \(layerName(parameter)) (\(instruction.name))"
    }
    return nil
  }

  /// The layers whose parameters an instruction touches, or those that its operands come from.
  private func place(_ program: Program, _ index: Int) -> String {
    let name = program.instructions[index].name
    var pending = [index]
    var seen = Set(pending)
    var isDirect = true
    while !pending.isEmpty {
      let operands = pending.flatMap { program.instructions[$0].operands }
      let touched = operands.map(\.view).filter { program[$0.buffer].space == .parameters }
      let names = plan.parameters.filter { record in
        touched.contains { view in
          let first = program[view.buffer].offset + view.offset
          return (record.offset..<record.offset + record.rows * record.rowStride).contains(first)
        }
      }.map { layerName($0.name) }
      if !names.isEmpty {
        var list: [String] = []
        for name in names where !list.contains(name) { list.append(name) }
        let layers = list.prefix(3).joined(separator: ", ") + (list.count > 3 ? " and others" : "")
        let noun = list.count == 1 ? "the layer" : "the layers"
        return (isDirect ? "" : "what follows ") + "\(noun) \(layers) (\(name))"
      }
      isDirect = false
      pending = pending.flatMap { reader in
        program.instructions[reader].reads.compactMap { view in
          program.instructions[..<reader].lastIndex {
            $0.writes.contains { $0.buffer == view.buffer }
          }
        }
      }.filter { seen.insert($0).inserted }
    }
    return "the loss (\(name))"
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
