import Plan

extension CProgram {
  mutating func write(_ body: GatherInstruction) throws(ExportError) {
    let matrix = try place(body.matrix)
    for feature in body.features {
      let table = try place(feature.table)
      let ids = try place(feature.ids)
      let (rows, dim) = (table.sizes[0], table.sizes[1])
      let length = ids.sizes.count > 1 ? ids.sizes[1] : 1
      let isPooled = feature.pooling != .concat && length > 1
      try forEachRow(matrix.sizes[0]) { program, row throws(ExportError) in
        program.helpers.insert(isPooled ? .pool : .lookUp)
        for item in 0..<(isPooled ? 1 : length) {
          let target = matrix.pointer([row, "\(feature.column + item * dim)"])
          let source = "\(table.pointer()), \(rows), \(dim), \(table.strides[0])"
          if isPooled {
            let isMean = feature.pooling == .mean ? 1 : 0
            program.text.line(
              "pool(\(source), \(ids.pointer([row])), \(length), \(isMean), \(target));")
          } else {
            program.text.line("look_up(\(source), \(ids.element([row, "\(item)"])), \(target));")
          }
        }
      }
    }
  }

  mutating func write(_ body: OneHotInstruction) throws(ExportError) {
    let ids = try place(body.ids)
    let output = try place(body.output)
    try forEachRow(output.sizes[0]) { program, row throws(ExportError) in
      try program.text.loop("j", output.sizes[1]) { text throws(ExportError) in
        text.line("\(output.element([row, "j"])) = \(ids.element([row, "0"])) == j ? 1.0f : 0.0f;")
      }
    }
  }

  mutating func write(_ body: OneHotLinearInstruction) throws(ExportError) {
    let weight = try place(body.weight)
    let matrix = try place(body.matrix)
    let bias = try body.bias.map { view throws(ExportError) in try place(view) }
    let columns = matrix.sizes[1]
    let ids = try body.features.map { feature throws(ExportError) in try place(feature.ids) }
    helpers.insert(.addRow)
    try forEachRow(matrix.sizes[0]) { program, row throws(ExportError) in
      let element = matrix.element([row, "j"])
      if bias != nil || !body.accumulate {
        let start = bias?.element(["j"]) ?? "0.0f"
        try program.text.loop("j", columns) { text throws(ExportError) in
          text.line("\(element) \(body.accumulate ? "+=" : "=") \(start);")
        }
      }
      for (feature, ids) in zip(body.features, ids) {
        let rows = weight.pointer(["\(feature.rowOffset)"])
        program.text.line(
          "add_row(\(rows), \(feature.rowCount), \(columns), \(weight.strides[0]), "
            + "\(ids.element([row, "0"])), \(matrix.pointer([row])));")
      }
    }
    try activate(matrix, body.activation, columns: body.activationColumns)
  }
}
