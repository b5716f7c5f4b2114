import TensorTypes

extension MatrixOp {
  func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    switch self {
    case .matmul(let transposeA, let transposeB):
      let form = LinearForm(transposeA: transposeA, transposeB: transposeB)
      return try form.productGradient(step, step.cotangent)
    case .linear(let form):
      return try form.gradient(step)
    }
  }
}

extension LinearForm {
  /// For C = op(A)·op(B): the cotangents of A and B from that of C.
  fileprivate func productGradient<E: Emitter>(
    _ step: GradientStep<E>, _ g: E.Tensor
  ) throws -> [E.Tensor?] {
    let emitter = step.emitter
    let (a, b) = (step.operands[0], step.operands[1])
    func product(
      _ a: E.Tensor, _ b: E.Tensor, transposeA: Bool = false, transposeB: Bool = false
    ) throws -> E.Tensor {
      guard groups > 1 else {
        return try emitter.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
      }
      let form = LinearForm(transposeA: transposeA, transposeB: transposeB, groups: groups)
      return try emitter.emitOne(.matrix(.linear(form)), [a, b])
    }
    if groups > 1, transposeA {
      // A and g are column blocks, B's cotangent too.
      return [
        try step.ifNeeded(0) { try product(b, g, transposeB: true) },
        try step.ifNeeded(1) { try product(a, g) },
      ]
    }
    return [
      try step.ifNeeded(0) {
        transposeA
          ? try product(b, g, transposeA: transposeB, transposeB: true)
          : try product(g, b, transposeB: !transposeB)
      },
      try step.ifNeeded(1) {
        transposeB
          ? try product(g, a, transposeA: true, transposeB: transposeA)
          : try product(a, g, transposeA: !transposeA)
      },
    ]
  }

  /// For R = P ⊙ h′(Y), P = act(op(A)·op(B) + bias + addend).
  fileprivate func gradient<E: Emitter>(_ step: GradientStep<E>) throws -> [E.Tensor?] {
    let emitter = step.emitter
    var g = step.cotangent
    var cotangentOfY: E.Tensor?
    // P is the result unless a factor h′(Y) was multiplied in: then it is computed again, since
    // dividing the factor out is impossible where it is 0.
    var product: E.Tensor? = gradientOf == nil ? step.result : nil
    func activated() throws -> E.Tensor {
      if let product { return product }
      var plain = self
      plain.gradientOf = nil
      if plain.activation == nil { plain.activationColumns = nil }
      let again = try emitter.emitOne(.matrix(.linear(plain)), Array(step.operands.dropLast()))
      product = again
      return again
    }
    if let gradientOf, let place = outputOperand {
      let y = step.operands[place]
      if step.needed[place] {
        cotangentOfY = try onColumns(emitter, [g, activated(), y], elsewhere: 0) {
          guard let second = try gradientOf.secondDerivative(emitter, $0[2]) else { return nil }
          return try emitter.mul(emitter.mul($0[0], $0[1]), second)
        }
      }
      g = try onColumns(emitter, [g, y]) {
        try emitter.mul($0[0], gradientOf.derivative(emitter, $0[1]))
      }
    }
    if let activation {
      g = try onColumns(emitter, [g, activated()]) {
        try emitter.mul($0[0], activation.derivative(emitter, $0[1]))
      }
    }
    var cotangents = try productGradient(step, g)
    if hasBias { cotangents.append(try step.unbroadcast(2) { g }) }
    if let place = addendOperand { cotangents.append(step.ifNeeded(place) { g }) }
    if gradientOf != nil { cotangents.append(cotangentOfY) }
    return cotangents
  }

  /// Applies `compute` on the columns that the activation applies to; the other columns are those
  /// of the first operand, or `elsewhere`.
  func onColumns<E: Emitter>(
    _ emitter: E, _ x: [E.Tensor], elsewhere: Double?, _ compute: ([E.Tensor]) throws -> E.Tensor?
  ) throws -> E.Tensor? {
    guard let columns = activationColumns else { return try compute(x) }
    let width = emitter.shape(of: x[0])[1].size(batch: 1)
    let block = width / groups
    var parts: [E.Tensor] = []
    func keep(_ range: Range<Int>) throws {
      guard !range.isEmpty else { return }
      let part = try emitter.slice(x[0], axis: 1, range)
      guard let elsewhere else { return parts.append(part) }
      parts.append(try emitter.constant(elsewhere, emitter.type(of: part)))
    }
    var end = 0
    for group in 0..<groups {
      let start = group * block + columns.lowerBound
      try keep(end..<start)
      end = group * block + columns.upperBound
      guard let part = try compute(x.map { try emitter.slice($0, axis: 1, start..<end) }) else {
        return nil
      }
      parts.append(part)
    }
    try keep(end..<width)
    return try emitter.concat(parts, axis: 1)
  }

  func onColumns<E: Emitter>(
    _ emitter: E, _ x: [E.Tensor], _ compute: ([E.Tensor]) throws -> E.Tensor
  ) throws -> E.Tensor {
    try onColumns(emitter, x, elsewhere: nil, compute) ?? x[0]
  }
}
