import GraphIR
import Plan

extension ElementwiseOp {
  /// The operation of the elementwise instruction that computes it; nil for ops that hand their operand
  /// on.
  var operation: ElementwiseInstruction.Operation? {
    switch self {
    case .unary(let kind): kind.operation
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

extension ElementwiseOp.Unary {
  fileprivate var operation: ElementwiseInstruction.Operation {
    switch self {
    case .neg: .neg
    case .exp: .exp
    case .log: .log
    case .log1p: .log1p
    case .sqrt: .sqrt
    case .rsqrt: .rsqrt
    case .reciprocal: .reciprocal
    case .square: .square
    case .abs: .abs
    case .sign: .sign
    case .relu: .relu
    case .step: .step
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .softplus: .softplus
    }
  }
}
