import TensorTypes

/// What a `linear` op does around its product:
/// act(op(A)·op(B) + bias + addend) ⊙ h′(Y). Operands A, B, then bias, addend and Y where they are.
///
/// With `groups` G > 1 it is G products side by side, the blocks of columns of matrices:
///
/// - A [M, G·K], B [G, K, N] (transposeB: [G, N, K]) → [M, G·N]
/// - transposeA: A [M, G·K], B [M, G·N] → [G, K, N], the gradient of the former by B; it has no
///   bias, addend or activation.
public struct LinearForm: Sendable, Hashable {
  public var transposeA: Bool
  public var transposeB: Bool
  public var groups: Int
  /// A vector [N] (with groups [G·N]) is added to each row.
  public var hasBias: Bool
  /// A matrix of the result's type is added.
  public var hasAddend: Bool
  public var activation: EpilogueActivation?
  /// The result is multiplied by the derivative of this activation, taken at its output Y, a
  /// matrix of the result's type.
  public var gradientOf: EpilogueActivation?
  /// The columns (of each group) that `activation` and `gradientOf` apply to; nil means all.
  public var activationColumns: Range<Int>?

  public init(
    transposeA: Bool = false, transposeB: Bool = false, groups: Int = 1, hasBias: Bool = false,
    hasAddend: Bool = false, activation: EpilogueActivation? = nil,
    gradientOf: EpilogueActivation? = nil,
    activationColumns: Range<Int>? = nil
  ) {
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.groups = groups
    self.hasBias = hasBias
    self.hasAddend = hasAddend
    self.activation = activation
    self.gradientOf = gradientOf
    self.activationColumns = activationColumns
  }

  public var operandCount: Int {
    2 + (hasBias ? 1 : 0) + (hasAddend ? 1 : 0) + (gradientOf == nil ? 0 : 1)
  }
  /// Which operands bias, addend and Y are.
  public var biasOperand: Int? { hasBias ? 2 : nil }
  public var addendOperand: Int? { hasAddend ? (hasBias ? 3 : 2) : nil }
  public var outputOperand: Int? { gradientOf == nil ? nil : operandCount - 1 }

  /// The type of the result.
  /// - Throws: `TypeError`.
  func infer(_ op: String, _ operands: [TensorType]) throws -> TensorType {
    try checkCount(op, operands, operandCount)
    guard groups >= 1 else { throw TypeError(op: op, "\(groups) groups are fewer than 1") }
    let result = try groups == 1 ? product(op, operands) : groupedProduct(op, operands)
    let isPlain = result.shape.rank == 2
    guard isPlain || operandCount == 2 && activation == nil else {
      throw TypeError(op: op, "a grouped product with transpose_a has no bias or activation")
    }
    if let place = biasOperand {
      let expected = TensorType(.f32, [result.shape[1]])
      guard operands[place] == expected else {
        throw TypeError.operand(op, place, operands[place], expected: "\(expected)")
      }
    }
    for place in [addendOperand, outputOperand] {
      guard let place, operands[place] != result else { continue }
      throw TypeError.operand(op, place, operands[place], expected: "\(result)")
    }
    if let columns = activationColumns {
      guard activation != nil || gradientOf != nil, isPlain, !columns.isEmpty,
        columns.lowerBound >= 0, let width = result.shape[1].fixedSize,
        columns.upperBound <= width / groups
      else { throw TypeError(op: op, "activation columns \(columns) are not columns of \(result)") }
    }
    return result
  }

  func product(_ op: String, _ operands: [TensorType]) throws -> TensorType {
    for index in 0..<2 {
      guard operands[index].dtype == .f32, operands[index].shape.rank == 2 else {
        throw TypeError.operand(op, index, operands[index], expected: "a matrix f32[*, *]")
      }
    }
    let a = operands[0].shape
    let b = operands[1].shape
    let (m, k) = transposeA ? (a[1], a[0]) : (a[0], a[1])
    let (inner, n) = transposeB ? (b[1], b[0]) : (b[0], b[1])
    guard inner == k else {
      let expected = transposeB ? "f32[*, \(k)]" : "f32[\(k), *]"
      throw TypeError.operand(op, 1, operands[1], expected: expected)
    }
    return TensorType(.f32, [m, n])
  }

  private func groupedProduct(_ op: String, _ operands: [TensorType]) throws -> TensorType {
    func blocks(_ index: Int) throws -> Int {
      let shape = operands[index].shape
      guard operands[index].dtype == .f32, shape.rank == 2, let size = shape[1].fixedSize,
        size.isMultiple(of: groups)
      else {
        throw TypeError.operand(
          op, index, operands[index], expected: "a matrix of \(groups) column blocks")
      }
      return size / groups
    }
    let k = try blocks(0)
    let rows = operands[0].shape[0]
    if transposeA {
      let n = try blocks(1)
      guard !transposeB, operands[1].shape[0] == rows else {
        throw TypeError.operand(op, 1, operands[1], expected: "f32[\(rows), *]")
      }
      return .f32(.fixed(groups), .fixed(k), .fixed(n))
    }
    let b = operands[1].shape
    guard operands[1].dtype == .f32, b.rank == 3, b[0] == .fixed(groups),
      b[transposeB ? 2 : 1] == .fixed(k), let n = b[transposeB ? 1 : 2].fixedSize
    else {
      let sizes = transposeB ? "*, \(k)" : "\(k), *"
      throw TypeError.operand(op, 1, operands[1], expected: "f32[\(groups), \(sizes)]")
    }
    let (width, overflow) = n.multipliedReportingOverflow(by: groups)
    guard !overflow else { throw TypeError(op: op, "the result has too many columns") }
    return TensorType(.f32, [rows, .fixed(width)])
  }
}
