import TensorTypes

/// Matrix products.
public enum MatrixOp: Sendable, Hashable {
  /// op(A)·op(B) of two matrices, op the transposition asked for.
  case matmul(transposeA: Bool, transposeB: Bool)
  /// A product with its neighbours: bias, activation, activation gradient, or several products of
  /// the same shape. Made by the passes.
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
      let form = LinearForm(transposeA: transposeA, transposeB: transposeB)
      return [try form.product(mnemonic, operands)]
    case .linear(let form):
      return [try form.infer(mnemonic, operands)]
    }
  }
}
