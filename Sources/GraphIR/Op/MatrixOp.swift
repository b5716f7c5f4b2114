import TensorTypes

/// Matrix products.
public enum MatrixOp: Sendable, Hashable {
  /// op(A)·op(B) of two matrices, op the transposition asked for.
  case matmul(transposeA: Bool, transposeB: Bool)
  /// act(op(A)·op(B) + bias) ⊙ act′(Y): a product with its neighbours. Operands A, B, then the bias
  /// [N] if there is one, then the activation output Y [M, N] if there is a gradient factor.
  /// Made by the passes.
  case linear(LinearForm)

  public var mnemonic: String {
    switch self {
    case .matmul: "matmul"
    case .linear: "linear"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    switch self {
    case .matmul(let transposeA, let transposeB):
      try checkCount(mnemonic, operands, 2)
      return [try product(operands, transposeA, transposeB)]
    case .linear(let form):
      try checkCount(mnemonic, operands, form.operandCount)
      let result = try product(operands, form.transposeA, form.transposeB)
      var next = 2
      if form.hasBias {
        let expected = TensorType(.f32, Shape([result.shape[1]]))
        guard operands[next] == expected else {
          throw TypeError.operand(mnemonic, next, operands[next], expected: "\(expected)")
        }
        next += 1
      }
      if form.gradientOf != nil, operands[next] != result {
        throw TypeError.operand(mnemonic, next, operands[next], expected: "\(result)")
      }
      return [result]
    }
  }

  private func product(
    _ operands: [TensorType], _ transposeA: Bool, _ transposeB: Bool
  ) throws -> TensorType {
    for index in 0..<2 {
      guard operands[index].dtype == .f32, operands[index].shape.rank == 2 else {
        throw TypeError.operand(mnemonic, index, operands[index], expected: "a matrix f32[*, *]")
      }
    }
    let a = operands[0].shape
    let b = operands[1].shape
    let (m, k) = transposeA ? (a[1], a[0]) : (a[0], a[1])
    let (inner, n) = transposeB ? (b[1], b[0]) : (b[0], b[1])
    guard inner == k else {
      let expected = transposeB ? "f32[*, \(k)]" : "f32[\(k), *]"
      throw TypeError.operand(mnemonic, 1, operands[1], expected: expected)
    }
    return TensorType(.f32, [m, n])
  }
}

/// An activation function that a matrix product can apply to what it stores.
public enum Activation: String, Sendable, Hashable, CaseIterable {
  case relu, sigmoid, tanh
}

/// What a `linear` op does around its product.
public struct LinearForm: Sendable, Hashable {
  public var transposeA: Bool
  public var transposeB: Bool
  public var hasBias: Bool
  public var activation: Activation?
  /// The result is multiplied by the derivative of this activation, taken at its output.
  public var gradientOf: Activation?

  public init(
    transposeA: Bool = false, transposeB: Bool = false, hasBias: Bool = false,
    activation: Activation? = nil, gradientOf: Activation? = nil
  ) {
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.hasBias = hasBias
    self.activation = activation
    self.gradientOf = gradientOf
  }

  public var operandCount: Int { 2 + (hasBias ? 1 : 0) + (gradientOf == nil ? 0 : 1) }
}
