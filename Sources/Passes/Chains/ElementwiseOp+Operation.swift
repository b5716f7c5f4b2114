import GraphIR
import Plan

extension ElementwiseOp {
  /// The operation of the elementwise instruction that computes it; nil for ops that hand their operand
  /// on.
  var operation: ElementwiseInstruction.Operation? {
    switch self {
    case .unary(let function): .function(function)
    case .binary(let kind):
      switch kind {
      case .add: .add
      case .sub: .sub
      case .mul: .mul
      case .div: .div
      case .max: .max
      case .min: .min
      }
    case .compare(let kind):
      switch kind {
      case .equal: .equal
      case .notEqual: .notEqual
      case .less: .less
      case .lessEqual: .lessEqual
      case .greater: .greater
      case .greaterEqual: .greaterEqual
      }
    case .select: .select
    case .isPresent: .isNonnegative
    case .convertToFloat, .stopGradient: nil
    }
  }
}
