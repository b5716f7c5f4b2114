import Plan

extension CompiledPlan {
  /// The plan as text: its programs, instruction by instruction, with where everything lies.
  public var listing: String { PlanListing.text(plan) }
}

package enum PlanListing {
  package static func text(_ plan: Plan) -> String {
    var text = "plan \(plan.name)\n"
    text += "parameters: \(Format.count(plan.parameterFloats)) floats\n"
    for record in plan.parameters {
      let shape = record.shape.map(String.init).joined(separator: ", ")
      text += "  @\(record.name): f32[\(shape)] at \(record.offset)"
      text += record.rowStride == record.columns ? "\n" : " stride \(record.rowStride)\n"
    }
    for program in plan.programs { text += "\n" + Self.text(program) }
    return text
  }

  private static func text(_ program: Program) -> String {
    var text = "program \(program.kind.rawValue): up to \(program.batchCapacity) rows, "
    text += "\(program.levels.count) levels, arena of \(Format.count(program.arenaFloats)) floats\n"
    for feed in program.feeds { text += "  feed \(feed.name): \(feed.buffer) [B, \(feed.width)]\n" }
    for (index, buffer) in program.buffers.enumerated() {
      text +=
        "  &\(index): \(buffer.dtype) × \(buffer.count) in \(buffer.space) at \(buffer.offset)"
      if let lifetime = buffer.lifetime { text += ", lives \(lifetime)" }
      text += buffer.label.isEmpty ? "\n" : "  # \(buffer.label)\n"
    }
    let starts = Set(program.levels)
    var level = -1
    for (index, instruction) in program.instructions.enumerated() {
      if starts.contains(index) {
        level += 1
        text += "  level \(level):\n"
      }
      text += "    \(index): \(Self.text(instruction))\n"
    }
    for fetch in program.fetches { text += "  fetch \(fetch.name): \(Self.text(fetch.view))\n" }
    return text
  }

  private static func text(_ instruction: Instruction) -> String {
    let writes = instruction.writes.map { text($0) }.joined(separator: ", ")
    let reads = instruction.reads.map { text($0) }.joined(separator: ", ")
    var detail = ""
    switch instruction {
    case .matmul(let m):
      if m.groups > 1 { detail += " ×\(m.groups)" }
      if m.transposeA { detail += " aᵀ" }
      if m.transposeB { detail += " bᵀ" }
      if m.accumulate { detail += " +=" }
      if m.bias != nil { detail += " +bias" }
      if let activation = m.activation { detail += " \(activation)" }
      if let activation = m.gradientOf { detail += " ⊙\(activation)′" }
    case .elementwise(let loop):
      detail = " [" + loop.extents.map(\.description).joined(separator: ", ") + "] "
      detail += loop.steps.filter { $0.operation != .load && $0.operation != .store }
        .map { "\($0.operation)" }.joined(separator: " ")
    case .optimizer(let optimizer):
      let count = optimizer.segments.reduce(0) { $0 + $1.count }
      detail = " \(optimizer.segments.count) segments, \(Format.count(count)) floats"
      if let norm = optimizer.maximumNorm { detail += ", norm at most \(norm)" }
    case .sparseUpdate(let update): detail = " \(update.sources.count) lookups"
    case .random(let random): detail = " stream \(random.stream)"
    case .fill(_, let value): detail = " \(value)"
    case .reduce(let reduce): detail = " \(reduce.kind)"
    case .convolution(let c): detail = " stride \(c.stride) padding \(c.padding)"
    case .pool(let pool): detail = " window \(pool.window) stride \(pool.stride)"
    case .softmax, .gather, .scatterAdd, .oneHot, .oneHotLinear, .oneHotGradient, .mixture,
      .mixtureGradient, .batchSize:
      break
    }
    let arrow = reads.isEmpty ? "" : " ← \(reads)"
    return "\(instruction.name)\(detail)  \(writes)\(arrow)"
  }

  private static func text(_ view: View) -> String {
    let extents = view.extents.map(\.description).joined(separator: ", ")
    let place = view.offset == 0 ? "" : "+\(view.offset)"
    return "\(view.buffer)\(place)[\(extents)]"
  }
}
