import TensorTypes

/// The parts of a node's line from which its op is put together.
struct OpReader {
  /// What stands before the operands.
  enum Subject {
    case input(InputID)
    case parameter(ParameterID)
    case number(Double)
  }

  var subject: Subject?
  var attributes: AttributeReader
  /// The types written after the colon.
  var types: [TensorType]
  /// The type of the parameter that an effect changes.
  var declaredType: (ParameterID) -> TensorType?

  var mnemonic: String { attributes.mnemonic }

  /// The op, with everything that was written used up.
  /// - Throws: `AttributeReader.Problem`.
  mutating func op() throws -> Op {
    guard let op = try source() ?? effect() ?? plain() else {
      throw problem("unknown op '\(mnemonic)'")
    }
    try attributes.finish()
    switch op {
    case .source, .effect: break
    case .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused:
      guard subject == nil else { throw problem("\(mnemonic): operands are values such as %0") }
    }
    return op
  }

  private mutating func source() throws -> Op? {
    switch mnemonic {
    case "input":
      guard case .input(let id) = subject else { throw problem("input: expected $name") }
      return .source(.input(id, try type()))
    case "parameter":
      guard case .parameter(let id) = subject else { throw problem("parameter: expected @name") }
      return .source(.parameter(id, try type()))
    case "constant":
      guard case .number(let value) = subject else { throw problem("constant: expected a number") }
      return .source(.constant(value, try type()))
    case "batch_size", "random":
      guard subject == nil else { throw problem("\(mnemonic): takes no operands") }
      if mnemonic == "batch_size" { return .source(.batchSize) }
      return .source(.random(stream: try attributes.integer("stream"), try type().shape))
    default:
      return nil
    }
  }

  private func effect() throws -> Op? {
    guard mnemonic == "update" || mnemonic == "assign" else { return nil }
    guard case .parameter(let id) = subject else { throw problem("\(mnemonic): expected @name") }
    guard let type = declaredType(id) else { throw problem("\(mnemonic): \(id) is not declared") }
    return .effect(mnemonic == "update" ? .update(id, type) : .assign(id, type))
  }

  private mutating func plain() throws -> Op? {
    if let op = ElementwiseOp(mnemonic: mnemonic) { return .elementwise(op) }
    for kind in ReductionOp.Kind.allCases where mnemonic == "reduce_\(kind.rawValue)" {
      let axes = try attributes.integers("axes")
      return .reduction(.reduce(kind, axes: axes, keepAxes: try attributes.flag("keep_axes")))
    }
    switch mnemonic {
    case "softmax": return .reduction(.softmax)
    case "gather": return .lookup(.gather)
    case "scatter_add": return .lookup(.scatterAdd(rows: try attributes.integer("rows")))
    case "one_hot": return .lookup(.oneHot(depth: try attributes.integer("depth")))
    case "matmul": return .matrix(try matmul())
    case "linear": return .matrix(try linear())
    default:
      if let op = try fused() { return .fused(op) }
      if let op = try convolution() { return .convolution(op) }
      if let op = try group() { return .group(op) }
      return try layout().map(Op.layout)
    }
  }

  private mutating func layout() throws -> LayoutOp? {
    switch mnemonic {
    case "reshape": return .reshape(try type().shape)
    case "broadcast": return .broadcast(try type().shape)
    case "transpose": return .transpose(try attributes.integers("permutation"))
    case "concat": return .concat(axis: try attributes.integer("axis"))
    case "slice":
      let axis = try attributes.integer("axis")
      let start = try attributes.integer("start")
      return .slice(axis: axis, start: start, end: try attributes.integer("end"))
    case "pad":
      let axis = try attributes.integer("axis")
      let before = try attributes.integer("before")
      return .pad(axis: axis, before: before, after: try attributes.integer("after"))
    default: return nil
    }
  }

  private mutating func matmul() throws -> MatrixOp {
    let transposeA = try attributes.flag("transpose_a")
    return .matmul(transposeA: transposeA, transposeB: try attributes.flag("transpose_b"))
  }

  private mutating func linear() throws -> MatrixOp {
    var form = LinearForm()
    form.transposeA = try attributes.flag("transpose_a")
    form.transposeB = try attributes.flag("transpose_b")
    form.hasBias = try attributes.flag("bias")
    form.hasAddend = try attributes.flag("addend")
    if attributes.has("groups") { form.groups = try attributes.integer("groups") }
    form.activation = try attributes.activation("activation")
    form.gradientOf = try attributes.activation("gradient_of")
    form.activationColumns = try columnRange("activation_columns")
    return .linear(form)
  }

  private func type() throws -> TensorType {
    guard types.count == 1 else { throw problem("\(mnemonic): needs one type after ':'") }
    return types[0]
  }

  func problem(_ message: String) -> AttributeReader.Problem {
    AttributeReader.Problem(offset: attributes.offset, message: message)
  }
}
