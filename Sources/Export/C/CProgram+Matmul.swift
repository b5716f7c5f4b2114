import Plan

extension CProgram {
  mutating func write(_ body: MatmulInstruction) throws(ExportError) {
    guard body.gradientOf == nil, body.columnSums == nil, body.update == nil,
      body.columnUpdate == nil, let view = body.c
    else { throw ExportError("the predictions need a product with a gradient, which has no C") }
    for group in 0..<body.groups {
      func matrix(_ view: View) throws(ExportError) -> CPlace {
        try place(view).part(group, rank: 2)
      }
      var a = try matrix(body.a)
      var b = try matrix(body.b)
      if body.transposeA { a = a.transposed }
      if body.transposeB { b = b.transposed }
      let c = try matrix(view)
      let bias = try body.bias.map { view throws(ExportError) in
        try place(view).part(group, rank: 1)
      }
      try product(a, b, c, bias: bias, accumulates: body.accumulate)
      try activate(c, body.activation, columns: body.activationColumns)
    }
  }

  /// C = A·B (+ C) (+ bias).
  private mutating func product(
    _ a: CPlace, _ b: CPlace, _ c: CPlace, bias: CPlace?, accumulates: Bool
  ) throws(ExportError) {
    let (rows, depth, columns) = (c.sizes[0], a.sizes[1], c.sizes[1])
    let isDense =
      (a.strides[1] == 1 || depth == 1) && (b.strides[1] == 1 || columns == 1)
      && (c.strides[1] == 1 || columns == 1)
    try forEachRow(rows) { program, row throws(ExportError) in
      if let bias {
        let sign = accumulates ? "+=" : "="
        try program.text.loop("j", columns) { text throws(ExportError) in
          text.line("\(c.element([row, "j"])) \(sign) \(bias.element(["j"]));")
        }
      } else if !accumulates {
        try program.text.loop("j", columns) { text throws(ExportError) in
          text.line("\(c.element([row, "j"])) = 0.0f;")
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
