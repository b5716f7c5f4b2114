extension Plan {
  /// The plan as text: its parameters and programs, without weights.
  public var text: String {
    var text = "plan \(name)\nparameters: \(parameterFloats) floats\n"
    for record in parameters {
      let shape = record.shape.map(String.init).joined(separator: ", ")
      text += "  @\(record.name): f32[\(shape)] at \(record.offset)"
      text += record.rowStride == record.columns ? "\n" : " stride \(record.rowStride)\n"
    }
    for program in programs { text += "\n" + program.text }
    return text
  }
}

extension Program {
  /// The program as text, instruction by instruction, with where everything lies.
  package var text: String {
    var text = "program \(kind.rawValue): up to \(batchCapacity) rows, "
    text += "\(levels.count) levels, arena of \(arenaFloats) floats\n"
    for feed in feeds { text += "  feed \(feed.name): \(feed.buffer) [B, \(feed.width)]\n" }
    for (index, buffer) in buffers.enumerated() {
      text +=
        "  &\(index): \(buffer.dtype) × \(buffer.count) in \(buffer.space) at \(buffer.offset)"
      if let lifetime = buffer.lifetime { text += ", lives \(lifetime)" }
      text += buffer.label.isEmpty ? "\n" : "  # \(buffer.label)\n"
    }
    let starts = Set(levels)
    var level = -1
    for (index, instruction) in instructions.enumerated() {
      if starts.contains(index) {
        level += 1
        text += "  level \(level):\n"
      }
      text += "    \(index): \(instruction.text)\n"
    }
    for fetch in fetches { text += "  fetch \(fetch.name): \(fetch.view.text)\n" }
    return text
  }
}

extension Instruction {
  /// Its name and fields, what it writes and what it reads.
  package var text: String {
    let reads = reads.map(\.text).joined(separator: ", ")
    let writes = writes.map(\.text).joined(separator: ", ")
    return "\(name)\(body.detail)  \(writes)" + (reads.isEmpty ? "" : " ← \(reads)")
  }
}

extension View {
  /// `&3+64[B, 16]`, with strides where elements of a row are not neighbours or rows have gaps.
  package var text: String {
    let extents = extents.map(\.description).joined(separator: ", ")
    let place = offset == 0 ? "" : "+\(offset)"
    return "\(buffer)\(place)[\(extents)]"
  }
}
