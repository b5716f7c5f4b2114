import Plan

extension CProgram {
  mutating func write(_ body: MatmulInstruction) throws(ExportError) {
    guard body.gradientOf == nil, body.columnSums == nil, body.update == nil,
      body.columnUpdate == nil
    else { throw ExportError("the predictions need a product with a gradient, which has no C") }
    for group in 0..<body.groups {
      func matrix(_ view: View) throws(ExportError) -> CPlace {
        try place(view).part(group, rank: 2)
      }
      var a = try matrix(body.a)
      var b = try matrix(body.b)
      if body.transposeA { a = a.transposed }
      if body.transposeB { b = b.transposed }
      let c = try body.c.map { view throws(ExportError) in try matrix(view) }
      let bias = try body.bias.map { view throws(ExportError) in
        try place(view).part(group, rank: 1)
      }
      let addend = try body.addend.map { view throws(ExportError) in try matrix(view) }
      if let cross = body.cross {
        // Into an array of its own, since the results may lie where the operands of the cross do.
        let (rows, columns) = (a.sizes[0], b.sizes[1])
        let apart = CPlace(
          name: "uncrossed", offset: 0, sizes: [rows, columns], strides: [columns, 1],
          isInteger: false)
        text.open("")
        text.line("float uncrossed[\(rows * columns)];")
        let added = body.accumulate ? c : addend
        try product(a, b, apart, addend: added, bias: bias, accumulates: false)
        try activate(apart, body.activation, columns: body.activationColumns)
        try write(cross, of: apart, c)
        text.close()
      } else if let c {
        try product(a, b, c, addend: addend, bias: bias, accumulates: body.accumulate)
        try activate(c, body.activation, columns: body.activationColumns)
      }
    }
  }

  /// output = product ⊙ factor (+ residual), C = product: each element is read before it is written.
  private mutating func write(
    _ cross: MatmulInstruction.Cross, of product: CPlace, _ c: CPlace?
  ) throws(ExportError) {
    let (factor, output) = (try place(cross.factor), try place(cross.output))
    let residual = try cross.residual.map { view throws(ExportError) in try place(view) }
    try forEachRow(product.sizes[0]) { program, row throws(ExportError) in
      try program.text.loop("j", product.sizes[1]) { text throws(ExportError) in
        let value = product.element([row, "j"])
        let added = residual.map { " + " + $0.element([row, "j"]) } ?? ""
        text.line("float crossed = \(value) * \(factor.element([row, "j"]))\(added);")
        if let c { text.line("\(c.element([row, "j"])) = \(value);") }
        text.line("\(output.element([row, "j"])) = crossed;")
      }
    }
  }

  /// C = A·B (+ C) (+ addend) (+ bias).
  private mutating func product(
    _ a: CPlace, _ b: CPlace, _ c: CPlace, addend: CPlace?, bias: CPlace?, accumulates: Bool
  ) throws(ExportError) {
    let (rows, depth, columns) = (c.sizes[0], a.sizes[1], c.sizes[1])
    let isDense =
      (a.strides[1] == 1 || depth == 1) && (b.strides[1] == 1 || columns == 1)
      && (c.strides[1] == 1 || columns == 1)
    try forEachRow(rows) { program, row throws(ExportError) in
      let start = [addend?.element([row, "j"]), bias?.element(["j"])].compactMap(\.self)
        .joined(separator: " + ")
      if !accumulates || !start.isEmpty {
        let sign = accumulates ? "+=" : "="
        try program.text.loop("j", columns) { text throws(ExportError) in
          text.line("\(c.element([row, "j"])) \(sign) \(start.isEmpty ? "0.0f" : start);")
        }
      }
      if isDense {
        program.helpers.insert(.dense)
        program.text.line(
          "add_product(\(a.pointer([row])), \(depth), \(b.pointer()), \(b.strides[0]), "
            + "\(c.pointer([row])), \(columns));")
      } else {
        try program.text.loop("j", columns) { text throws(ExportError) in
          text.line("float sum = 0.0f;")
          try text.loop("k", depth) { text throws(ExportError) in
            text.line("sum += \(a.element([row, "k"])) * \(b.element(["k", "j"]));")
          }
          text.line("\(c.element([row, "j"])) += sum;")
        }
      }
    }
  }

  /// A loop over the rows of a matrix, or its only row.
  mutating func forEachRow(
    _ rows: Int, _ body: (inout CProgram, String) throws(ExportError) -> Void
  ) throws(ExportError) {
    guard rows != 1 else { return try body(&self, "0") }
    text.open("for (int i = 0; i < \(rows); i++)")
    try body(&self, "i")
    text.close()
  }

  /// Applies an activation to columns of a matrix.
  mutating func activate(
    _ matrix: CPlace, _ activation: MatmulInstruction.Activation?, columns: Range<Int>?
  ) throws(ExportError) {
    let columns = columns ?? 0..<matrix.sizes[1]
    guard let activation, !columns.isEmpty else { return }
    var part = matrix
    part.offset += columns.lowerBound * matrix.strides[1]
    let function: String
    switch activation {
    case .relu:
      helpers.insert(.relu)
      function = "relu"
    case .sigmoid:
      helpers.insert(.sigmoid)
      function = "sigmoid"
    case .tanh: function = "tanhf"
    }
    try forEachRow(matrix.sizes[0]) { program, row throws(ExportError) in
      let element = part.element([row, "j"])
      try program.text.loop("j", columns.count) { text throws(ExportError) in
        text.line("\(element) = \(function)(\(element));")
      }
    }
  }
}

extension CPlace {
  /// The matrix or vector of a group; itself where there are no groups.
  fileprivate func part(_ group: Int, rank: Int) -> CPlace {
    guard sizes.count > rank else { return self }
    var part = self
    part.offset += group * strides[0]
    part.sizes.removeFirst()
    part.strides.removeFirst()
    return part
  }

  fileprivate var transposed: CPlace {
    var other = self
    other.sizes.reverse()
    other.strides.reverse()
    return other
  }
}
