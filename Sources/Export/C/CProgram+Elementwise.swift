import Plan

extension CProgram {
  mutating func write(_ body: ElementwiseInstruction) throws(ExportError) {
    let sizes = body.extents.map { $0.size(rows: 1) }
    let operands = try body.views.map { view throws(ExportError) in
      var view = view
      view.strides =
        Array(repeating: 0, count: max(0, sizes.count - view.strides.count)) + view.strides
      view.extents = body.extents
      return try place(view)
    }
    if body.steps.contains(where: { $0.operation.isReduction }) {
      return try writeReducing(body, sizes, operands)
    }
    // Axes along which all operands are contiguous are one loop.
    var axes: [(size: Int, strides: [Int])] = []
    for (axis, size) in sizes.enumerated() where size != 1 {
      let strides = operands.map { $0.strides[axis] }
      if let last = axes.last, zip(last.strides, strides).allSatisfy({ $0 == $1 * size }) {
        axes[axes.count - 1] = (last.size * size, strides)
      } else {
        axes.append((size, strides))
      }
    }
    let variables = Array(["i", "j", "k", "l"].prefix(axes.count))
    for (variable, axis) in zip(variables, axes) {
      text.open("for (int \(variable) = 0; \(variable) < \(axis.size); \(variable)++)")
    }
    // A block of its own keeps the names of the steps apart from those of other instructions.
    if axes.isEmpty { text.open("") }
    let flat = operands.enumerated().map { number, operand in
      var flat = operand
      flat.strides = axes.map { $0.strides[number] }
      return flat.element(variables)
    }
    var steps = CSteps(operands: flat, areIntegers: operands.map(\.isInteger))
    for step in steps.needed(body.steps) { text.line(steps.statement(step, &helpers)) }
    for _ in 0..<max(1, axes.count) { text.close() }
  }

  /// Loops over all axes, with sums and largest elements.
  private mutating func writeReducing(
    _ body: ElementwiseInstruction, _ sizes: [Int], _ operands: [CPlace]
  ) throws(ExportError) {
    let rank = sizes.count
    let variables = Array(["i", "j", "k", "l"].prefix(rank))
    let reductions = body.steps.filter { $0.operation.isReduction }
    func start(_ step: ElementwiseInstruction.Step) -> String {
      step.operation.keepsLargest ? "-INFINITY" : "0.0f"
    }
    for step in reductions {
      switch step.operation.form {
      case .reduceAll:
        try requireOneRow(body.extents)
        text.line("\(operands[step.b].element(variables.map { _ in "0" })) = \(start(step));")
      case .reduceColumns:
        try requireOneRow(body.extents.dropLast())
        let target = operands[step.b].element(variables.dropLast().map { _ in "0" } + ["j"])
        try text.loop("j", sizes.last ?? 1) { text throws(ExportError) in
          text.line("\(target) = \(start(step));")
        }
      case .reduceInner: try requireOneRow(body.extents.suffix(1))
      case .load, .store, .constant, .compute: continue
      }
    }
    func inner(_ step: ElementwiseInstruction.Step) -> String {
      operands[step.b].element(variables.dropLast() + (rank > 0 ? ["0"] : []))
    }
    for (axis, variable) in variables.enumerated() {
      if axis == rank - 1 {
        for step in reductions where step.operation.form == .reduceInner {
          text.line("\(inner(step)) = \(start(step));")
        }
      }
      text.open("for (int \(variable) = 0; \(variable) < \(sizes[axis]); \(variable)++)")
    }
    var steps = CSteps(
      operands: operands.map { $0.element(variables) }, areIntegers: operands.map(\.isInteger))
    for step in steps.needed(body.steps) {
      let value = steps.value(step.a)
      switch step.operation.form {
      case .reduceAll:
        text.line(combine(operands[step.b].element(variables.map { _ in "0" }), value, step))
      case .reduceColumns:
        let target = operands[step.b].element(
          variables.dropLast().map { _ in "0" } + variables.suffix(1))
        text.line(combine(target, value, step))
      case .reduceInner: text.line(combine(inner(step), value, step))
      case .load, .store, .constant, .compute: text.line(steps.statement(step, &helpers))
      }
    }
    for _ in variables { text.close() }
  }

  /// Adds a value to an element, or keeps the larger of both.
  private mutating func combine(
    _ target: String, _ value: String, _ step: ElementwiseInstruction.Step
  ) -> String {
    guard step.operation.keepsLargest else { return "\(target) += \(value);" }
    helpers.insert(.maximum)
    return "\(target) = maximum(\(target), \(value));"
  }
}

extension ElementwiseInstruction.Operation {
  /// Whether a reduction keeps the largest element, where others add all up.
  fileprivate var keepsLargest: Bool { [.maxAll, .maxColumns, .maxInner].contains(self) }
}
