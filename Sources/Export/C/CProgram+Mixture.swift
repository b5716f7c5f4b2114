import Plan

extension CProgram {
  mutating func write(_ body: MixtureInstruction) throws(ExportError) {
    let experts = try place(body.experts)
    let logits = try place(body.logits)
    let output = try place(body.output)
    let weights = try body.weights.map { view throws(ExportError) in try place(view) }
    let width = body.layout.width
    helpers.formUnion([.softmax, .dense])
    try forEachRow(output.sizes[0]) { program, row throws(ExportError) in
      var weightColumn = 0
      for gate in body.layout.gates {
        let count = gate.experts.count
        let columns = gate.experts.map { body.layout.expertColumns[$0] }
        var target = output
        target.offset += gate.column * output.strides[1]
        program.text.open("")
        program.text.line("float gate[\(count)];")
        program.text.line(
          "softmax(\(logits.pointer([row, "\(gate.logitColumn)"])), gate, \(count));")
        try program.text.loop("j", width) { text throws(ExportError) in
          text.line("\(target.element([row, "j"])) = 0.0f;")
        }
        // Experts that lie at equal distances are the rows of a matrix.
        let step = columns.count > 1 ? columns[1] - columns[0] : width
        let isRegular = zip(columns, columns.dropFirst()).allSatisfy { $1 - $0 == step }
        if isRegular, step > 0 {
          program.text.line(
            "add_product(gate, \(count), \(experts.pointer([row, "\(columns[0])"])), \(step), "
              + "\(target.pointer([row])), \(width));")
        } else {
          program.text.array("static const int columns[\(count)]", columns.map(String.init))
          try program.text.loop("k", count) { text throws(ExportError) in
            text.line(
              "add_product(gate + k, 1, \(experts.pointer([row])) + columns[k], \(width), "
                + "\(target.pointer([row])), \(width));")
          }
        }
        if let weights {
          try program.text.loop("k", count) { text throws(ExportError) in
            text.line("\(weights.element([row, "\(weightColumn) + k"])) = gate[k];")
          }
        }
        weightColumn += count
        program.text.close()
      }
    }
  }
}
