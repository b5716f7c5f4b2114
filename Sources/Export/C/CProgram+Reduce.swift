import Plan

extension CProgram {
  mutating func write(_ body: ReduceInstruction) throws(ExportError) {
    let input = try place(body.input)
    var output = try place(body.output)
    for (axis, isReduced) in body.reduced.enumerated() where isReduced {
      try requireOneRow([body.input.extents[axis]])
      output.strides[axis] = 0
    }
    let variables = Array(["i", "j", "k", "l"].prefix(input.sizes.count))
    func open(_ reduced: Bool) {
      for (axis, variable) in variables.enumerated() where body.reduced[axis] == reduced {
        text.open("for (int \(variable) = 0; \(variable) < \(input.sizes[axis]); \(variable)++)")
      }
    }
    let value = input.element(variables)
    let (start, step): (String, String)
    switch body.kind {
    case .sum: (start, step) = ("0.0f", "result += \(value);")
    case .max:
      helpers.insert(.maximum)
      (start, step) = ("-INFINITY", "result = maximum(result, \(value));")
    case .min:
      helpers.insert(.minimum)
      (start, step) = ("INFINITY", "result = minimum(result, \(value));")
    }
    // A block of its own keeps the variable apart from those of other instructions.
    text.open("")
    open(false)
    text.line("float result = \(start);")
    open(true)
    text.line(step)
    for isReduced in body.reduced where isReduced { text.close() }
    text.line("\(output.element(variables)) = result;")
    for isReduced in body.reduced where !isReduced { text.close() }
    text.close()
  }

  mutating func write(_ body: SoftmaxInstruction) throws(ExportError) {
    let input = try place(body.input)
    let output = try place(body.output)
    helpers.insert(.softmax)
    try forEachRow(input.sizes[0]) { program, row throws(ExportError) in
      program.text.line(
        "softmax(\(input.pointer([row])), \(output.pointer([row])), \(input.sizes[1]));")
    }
  }

  mutating func write(_ body: FillInstruction) throws(ExportError) {
    let place = try place(body.view)
    let variables = Array(["i", "j", "k", "l"].prefix(place.sizes.count))
    for (variable, size) in zip(variables, place.sizes) {
      text.open("for (int \(variable) = 0; \(variable) < \(size); \(variable)++)")
    }
    text.line("\(place.element(variables)) = \(CLiteral.float(body.value));")
    for _ in variables { text.close() }
  }
}
