import TensorTypes

/// Ops that change a parameter at the end of the step. They have no result.
public enum EffectOp: Sendable, Hashable {
  /// Moves the parameter along its gradient (the operand) by the rule of the session's optimizer.
  case update(ParameterID, TensorType)
  /// Replaces the parameter's value by the operand.
  case assign(ParameterID, TensorType)

  public var mnemonic: String {
    switch self {
    case .update: "update"
    case .assign: "assign"
    }
  }

  /// The parameter that it changes.
  public var target: ParameterID {
    switch self {
    case .update(let id, _), .assign(let id, _): id
    }
  }

  /// The type of that parameter.
  public var type: TensorType {
    switch self {
    case .update(_, let type), .assign(_, let type): type
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(mnemonic, operands, 1)
    switch self {
    case .update(_, let type), .assign(_, let type):
      guard operands[0] == type else {
        throw TypeError.operand(mnemonic, 0, operands[0], expected: "\(type)")
      }
      return []
    }
  }
}
