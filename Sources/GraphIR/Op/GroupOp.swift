import TensorTypes

/// Ops over the rows of a group. `groups`, i32[N, 2], holds each row's number in two halves: rows that
/// follow each other with equal halves are one group, and a row whose halves are both 0 is a group of
/// its own.
public enum GroupOp: Sendable, Hashable {
  /// (x f32[N, K], groups) → f32[N, K]: each row gets its group's sum or maximum, column by column.
  case combine(Combination)
  /// (a f32[N, 1], z f32[N, 1], y f32[N, 1], groups) → f32[N, 1]: for each row i a sum over the rows j
  /// of its group with a lower or a higher y,
  ///
  ///     lower:   Σ_{j: y_j < y_i} a_j·f(z_i − z_j)
  ///     higher:  Σ_{j: y_j > y_i} a_j·f(z_j − z_i)
  ///
  /// Rows of equal y are no pair. The derivatives by a and z are such sums again; y has none.
  case pairs(PairFunction, over: PairSide)

  public enum Combination: String, Sendable, Hashable, CaseIterable {
    case sum, max
  }

  /// f, a function of the difference d of the row with the higher y to the other one.
  public enum PairFunction: String, Sendable, Hashable, CaseIterable {
    /// 1.
    case count
    /// ln(1 + e⁻ᵈ).
    case logistic
    /// The derivative of `logistic`, −σ(−d).
    case slope
    /// The derivative of `slope`, σ(d)·σ(−d). It has no derivative here.
    case curvature
  }

  /// Which rows of its group a row is paired with.
  public enum PairSide: String, Sendable, Hashable, CaseIterable {
    case lower, higher
  }

  public var mnemonic: String {
    switch self {
    case .combine(let kind): "group_\(kind.rawValue)"
    case .pairs: "group_pairs"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    let last =
      switch self {
      case .combine: 1
      case .pairs: 3
      }
    try checkCount(mnemonic, operands, last + 1)
    let type = operands[0]
    guard type.dtype == .f32, type.shape.rank == 2, type.shape[1].fixedSize != nil,
      last == 1 || type.shape[1] == 1
    else {
      throw TypeError.operand(mnemonic, 0, type, expected: last == 1 ? "f32[*, n]" : "f32[*, 1]")
    }
    for index in 1..<last where operands[index] != type {
      throw TypeError.operand(mnemonic, index, operands[index], expected: "\(type)")
    }
    let groups = TensorType.i32(type.shape[0], 2)
    guard operands[last] == groups else {
      throw TypeError.operand(mnemonic, last, operands[last], expected: "\(groups)")
    }
    return [type]
  }
}
