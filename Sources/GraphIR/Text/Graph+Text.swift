import TensorTypes

extension Graph: CustomStringConvertible {
  /// The graph in the text form of docs/ir.md; `Graph(parsing:)` reads it back as an equal graph.
  public var text: String {
    var lines = ["graph @\(TextForm.name(name)) {"]
    for parameter in parameters { lines.append("  " + parameter.text) }
    for node in nodes { lines.append("  " + text(of: node)) }
    if !outputs.isEmpty {
      let list = outputs.map { "\(TextForm.word($0.name)) = \($0.value)" }
      lines.append("  return " + list.joined(separator: ", "))
    }
    lines.append("}\n")
    return lines.joined(separator: "\n")
  }

  public var description: String { text }

  /// The line of one node: `%2 = matmul %0, %1 : f32[B, 16]`.
  public func text(of node: NodeID) -> String { text(of: self[node]) }

  private func text(of node: Node) -> String {
    var line = ""
    if !node.results.isEmpty {
      line += node.results.map(\.description).joined(separator: ", ") + " = "
    }
    line += node.op.mnemonic
    let subject = node.op.subject.map { [$0] } ?? []
    let operands = subject + node.operands.map(\.description)
    if !operands.isEmpty { line += " " + operands.joined(separator: ", ") }
    let attributes = node.op.attributes
    if !attributes.isEmpty {
      line += " {" + attributes.map { $0.name + $0.value.text }.joined(separator: ", ") + "}"
    }
    if !node.results.isEmpty {
      // The verifier prints broken graphs too, so an unknown value must not trap.
      let types = node.results.map {
        values.indices.contains($0.index) ? values[$0.index].type.description : "?"
      }
      line += " : " + types.joined(separator: ", ")
    }
    return line
  }
}

extension Parameter {
  /// The line that declares it: `parameter @w : f32[8] = uniform(0.1) l2(0.0001) frozen`.
  var text: String {
    var line = "parameter \(id) : \(type) = \(initializer.text)"
    if l2 != 0 { line += " l2(\(TextForm.number(l2)))" }
    if !isTrainable { line += " frozen" }
    return line
  }
}

extension Initializer {
  var text: String {
    switch self {
    case .constant(let value): "constant(\(TextForm.number(value)))"
    case .normal(let deviation): "normal(\(TextForm.number(deviation)))"
    case .uniform(let limit): "uniform(\(TextForm.number(limit)))"
    }
  }
}
