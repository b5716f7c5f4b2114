import TensorTypes

/// A chain as text: `over B 4; t0 = sub x0 x1; t1 = mul t0 0.5; y = t1; y = reduce_sum t1 axes 0 1`.
extension ElementwiseChain {
  var program: String {
    var lines = ["over " + shape.dimensions.map(\.description).joined(separator: " ")]
    for (index, step) in steps.enumerated() {
      let inputs = step.inputs.map(\.text).joined(separator: " ")
      lines.append("t\(index) = \(step.op.mnemonic) \(inputs)")
    }
    for result in results {
      guard let reduction = result.reduction else {
        lines.append("y = t\(result.step)")
        continue
      }
      let axes = reduction.axes.map { " \($0)" }.joined()
      lines.append(
        "y = \(reduction.op.mnemonic) t\(result.step) axes\(axes)"
          + (reduction.keepAxes ? " keep" : ""))
    }
    return lines.joined(separator: "; ")
  }

  /// A part of a program that cannot be read.
  struct Unreadable: Error {
    var part: String
    var expected: String
  }

  /// Reads it back. Types are checked by `infer`.
  init(program: String) throws(Unreadable) {
    self.init(shape: [], steps: [], results: [])
    for (place, line) in program.split(separator: ";", omittingEmptySubsequences: false)
      .enumerated()
    {
      let words = line.split(separator: " ").map(String.init)
      guard place == 0 ? readShape(words) : readStep(words) || readResult(words) else {
        throw Unreadable(
          part: words.joined(separator: " "),
          expected: place == 0
            ? "'over' and the sizes of the loop"
            : "a step 't\(steps.count) = OP INPUT …' or a result 'y = tN'")
      }
    }
  }

  private mutating func readShape(_ words: [String]) -> Bool {
    guard words.first == "over" else { return false }
    for word in words.dropFirst() {
      guard let dimension = Dimension(text: word) else { return false }
      shape.dimensions.append(dimension)
    }
    return true
  }

  private mutating func readStep(_ words: [String]) -> Bool {
    guard words.count > 2, words[0] == "t\(steps.count)", words[1] == "=",
      let op = ElementwiseOp(mnemonic: words[2])
    else { return false }
    let inputs = words.dropFirst(3).compactMap(Input.init(text:))
    guard inputs.count == words.count - 3 else { return false }
    steps.append(Step(op, inputs))
    return true
  }

  private mutating func readResult(_ words: [String]) -> Bool {
    guard words.count > 2, words[0] == "y", words[1] == "=" else { return false }
    if words.count == 3, case .step(let step) = Input(text: words[2]) {
      results.append(Result(step: step))
      return true
    }
    guard words.count > 4, words[4] == "axes", case .step(let step) = Input(text: words[3]),
      let kind = ReductionOp.Kind.allCases.first(where: { words[2] == "reduce_\($0.rawValue)" })
    else { return false }
    let keep = words.last == "keep"
    let numbers = words.dropFirst(5).dropLast(keep ? 1 : 0)
    let axes = numbers.compactMap { Int($0) }
    guard axes.count == numbers.count else { return false }
    results.append(Result(step: step, reduction: Reduction(kind, axes: axes, keepAxes: keep)))
    return true
  }
}

extension ElementwiseChain.Input {
  fileprivate var text: String {
    switch self {
    case .operand(let index): "x\(index)"
    case .step(let index): "t\(index)"
    case .constant(let number): TextForm.number(number)
    }
  }

  fileprivate init?(text: String) {
    if text.hasPrefix("x"), let index = Int(text.dropFirst()), index >= 0 {
      self = .operand(index)
    } else if text.hasPrefix("t"), let index = Int(text.dropFirst()), index >= 0 {
      self = .step(index)
    } else if let number = Double(text) {
      self = .constant(number)
    } else {
      return nil
    }
  }
}
