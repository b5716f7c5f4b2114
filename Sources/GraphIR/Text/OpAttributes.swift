import TensorTypes

/// A part of an op that stands in braces after its operands: `{axis = 1, keep_axes}`.
enum AttributeValue: Hashable {
  case flag
  case integer(Int)
  case integers([Int])
  case word(String)

  var text: String {
    switch self {
    case .flag: ""
    case .integer(let value): " = \(value)"
    case .integers(let values): " = \(values)"
    case .word(let word): " = " + TextForm.word(word)
    }
  }
}

extension Op {
  /// What stands in braces. Types that an op holds are not there: they are written as the type of
  /// its result (or, for effects, taken from the parameter's declaration).
  var attributes: [(name: String, value: AttributeValue)] {
    switch self {
    case .source(.random(let stream, _)): [("stream", .integer(stream))]
    case .source(.input), .source(.parameter), .source(.constant), .source(.batchSize): []
    case .elementwise: []
    case .layout(let op): op.attributes
    case .reduction(.reduce(_, let axes, let keepAxes)):
      [("axes", .integers(axes))] + flags([("keep_axes", keepAxes)])
    case .reduction(.softmax): []
    case .matrix(.matmul(let transposeA, let transposeB)):
      flags([("transpose_a", transposeA), ("transpose_b", transposeB)])
    case .matrix(.linear(let form)): form.attributes
    case .lookup(.gather): []
    case .lookup(.scatterAdd(let rows)): [("rows", .integer(rows))]
    case .lookup(.oneHot(let depth)): [("depth", .integer(depth))]
    case .convolution(let op): op.attributes
    case .group(let op): op.attributes
    case .fused(let op): op.attributes
    case .effect: []
    }
  }

  /// What stands before the operands: the name of an input or parameter, a number.
  var subject: String? {
    switch self {
    case .source(.input(let id, _)): id.description
    case .source(.parameter(let id, _)): id.description
    case .source(.constant(let value, _)): TextForm.number(value)
    case .source(.batchSize), .source(.random): nil
    case .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused: nil
    case .effect(let effect): effect.target.description
    }
  }
}

private func flags(_ flags: [(String, Bool)]) -> [(name: String, value: AttributeValue)] {
  flags.filter(\.1).map { ($0.0, .flag) }
}

extension LayoutOp {
  fileprivate var attributes: [(name: String, value: AttributeValue)] {
    switch self {
    case .reshape, .broadcast: []
    case .transpose(let permutation): [("permutation", .integers(permutation))]
    case .concat(let axis): [("axis", .integer(axis))]
    case .slice(let axis, let start, let end):
      [("axis", .integer(axis)), ("start", .integer(start)), ("end", .integer(end))]
    case .pad(let axis, let before, let after):
      [("axis", .integer(axis)), ("before", .integer(before)), ("after", .integer(after))]
    }
  }
}

extension LinearForm {
  fileprivate var attributes: [(name: String, value: AttributeValue)] {
    var result = flags([
      ("transpose_a", transposeA), ("transpose_b", transposeB), ("bias", hasBias),
      ("addend", hasAddend),
    ])
    if groups != 1 { result.append(("groups", .integer(groups))) }
    if let activation { result.append(("activation", .word(activation.rawValue))) }
    if let gradientOf { result.append(("gradient_of", .word(gradientOf.rawValue))) }
    if let columns = activationColumns {
      result.append(("activation_columns", .integers([columns.lowerBound, columns.upperBound])))
    }
    return result
  }
}
