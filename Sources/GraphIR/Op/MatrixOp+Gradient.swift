extension MatrixOp {
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    switch self {
    case .matmul(let transposeA, let transposeB):
      return try productGradient(step, step.cotangent, transposeA, transposeB)
    case .linear(let form):
      return try linearGradient(step, form)
    }
  }

  /// For C = op(A)·op(B): the cotangents of A and B from that of C.
  private func productGradient<E: Emitter>(
    _ step: GradientStep<E>, _ g: E.Tensor, _ transposeA: Bool, _ transposeB: Bool
  ) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let (a, b) = (step.operands[0], step.operands[1])
    return [
      try step.ifNeeded(0) {
        transposeA
          ? try emitter.matmul(b, g, transposeA: transposeB, transposeB: true)
          : try emitter.matmul(g, b, transposeB: !transposeB)
      },
      try step.ifNeeded(1) {
        transposeB
          ? try emitter.matmul(g, a, transposeA: true, transposeB: transposeA)
          : try emitter.matmul(a, g, transposeA: !transposeA)
      },
    ]
  }

  /// For R = P ⊙ h′(Y), P = act(op(A)·op(B) + bias).
  private func linearGradient<E: Emitter>(
    _ step: GradientStep<E>, _ form: LinearForm
  ) throws -> [E.Tensor?] {
    let emitter = step.emitter
    var g = step.cotangent
    var cotangentOfY: E.Tensor?
    // P is the result unless a factor h′(Y) was multiplied in: then it is computed again, since
    // dividing the factor out is impossible where it is 0.
    var product: E.Tensor? = form.gradientOf == nil ? step.result : nil
    func activated() throws -> E.Tensor {
      if let product { return product }
      var plain = form
      plain.gradientOf = nil
      let again = try emitter.emitOne(.matrix(.linear(plain)), Array(step.operands.dropLast()))
      product = again
      return again
    }
    if let factor = form.gradientOf {
      let place = form.operandCount - 1
      let y = step.operands[place]
      if step.needed[place], let second = try factor.secondDerivative(emitter, y) {
        cotangentOfY = try emitter.mul(emitter.mul(g, activated()), second)
      }
      g = try emitter.mul(g, factor.derivative(emitter, y))
    }
    if let activation = form.activation {
      g = try emitter.mul(g, activation.derivative(emitter, activated()))
    }
    var cotangents = try productGradient(step, g, form.transposeA, form.transposeB)
    if form.hasBias { cotangents.append(try step.unbroadcast(2) { g }) }
    if form.gradientOf != nil { cotangents.append(cotangentOfY) }
    return cotangents
  }
}

extension Activation {
  /// The derivative at x in terms of the output y = act(x).
  func derivative<E: Emitter>(_ emitter: E, _ y: E.Tensor) throws -> E.Tensor {
    switch self {
    case .relu: try emitter.unary(.step, y)
    case .sigmoid: try emitter.mul(y, emitter.sub(emitter.constant(1), y))
    case .tanh: try emitter.sub(emitter.constant(1), emitter.square(y))
    }
  }

  /// The derivative of `derivative` by y; nil where it is 0 everywhere.
  func secondDerivative<E: Emitter>(_ emitter: E, _ y: E.Tensor) throws -> E.Tensor? {
    switch self {
    case .relu: nil
    case .sigmoid: try emitter.sub(emitter.constant(1), emitter.scale(y, by: 2))
    case .tanh: try emitter.scale(y, by: -2)
    }
  }
}
