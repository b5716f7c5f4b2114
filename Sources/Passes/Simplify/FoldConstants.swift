import Foundation
import GraphIR
import TensorTypes

/// Computes what does not depend on data. The constants of the IR have one number in every
/// element, so an op folds where its result has, too.
public struct FoldConstants: Pass {
  public let name = "fold_constants"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph { try Peephole.run([fold], on: graph) }
}

private func fold(_ peephole: Peephole, _ op: Op, _ operands: [ValueID]) throws -> ValueID? {
  var numbers: [Double] = []
  for operand in operands {
    guard let number = peephole.graph.constant(operand) else { return nil }
    numbers.append(number)
  }
  guard let first = numbers.first else { return nil }
  let number: Double?
  switch op {
  case .elementwise(let op): number = op.value(at: numbers)
  case .layout(.pad): number = first == 0 ? 0 : nil
  case .layout(.concat): number = numbers.allSatisfy { $0 == first } ? first : nil
  case .layout: number = first
  case .reduction(.reduce(let kind, let axes, _)):
    number = fold(kind, first, peephole.shape(of: operands[0]), axes)
  case .reduction(.softmax):
    let shape = peephole.shape(of: operands[0])
    number = 1 / Double(shape.size(shape.rank - 1))
  case .source, .matrix, .lookup, .convolution, .fused, .effect: number = nil
  }
  guard let number, number.isFinite else { return nil }
  let types = try op.infer(operands.map { peephole.type(of: $0) })
  return try peephole.constant(number, types[0])
}

private func fold(
  _ kind: ReductionOp.Kind, _ number: Double, _ shape: Shape, _ axes: [Int]
) -> Double? {
  switch kind {
  case .max, .min: return number
  case .sum:
    var count = 1
    for axis in axes {
      guard let size = shape[axis].fixedSize else { return nil }
      count *= size
    }
    return number * Double(count)
  }
}

extension ElementwiseOp {
  /// The result for operands that are the same everywhere (masks as 0 and 1).
  fileprivate func value(at x: [Double]) -> Double? {
    switch self {
    case .unary(let kind): kind.value(at: x[0])
    case .binary(let kind): kind.value(at: x[0], x[1])
    case .compare(let kind): kind.holds(x[0], x[1]) ? 1 : 0
    case .select: x[0] != 0 ? x[1] : x[2]
    case .convertToFloat: x[0]
    case .isPresent: x[0] >= 0 ? 1 : 0
    // Folding it would be right only once gradients are computed; then it is dropped anyway.
    case .stopGradient: nil
    }
  }
}

extension ElementwiseOp.Unary {
  fileprivate func value(at x: Double) -> Double {
    switch self {
    case .neg: -x
    case .exp: Foundation.exp(x)
    case .log: Foundation.log(x)
    case .log1p: Foundation.log1p(x)
    case .sqrt: x.squareRoot()
    case .rsqrt: 1 / x.squareRoot()
    case .reciprocal: 1 / x
    case .square: x * x
    case .abs: Swift.abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
    case .relu: Swift.max(x, 0)
    case .step: x > 0 ? 1 : 0
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .tanh: Foundation.tanh(x)
    case .softplus: Swift.max(x, 0) + Foundation.log1p(Foundation.exp(-Swift.abs(x)))
    }
  }
}

extension ElementwiseOp.Binary {
  fileprivate func value(at a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .sub: a - b
    case .mul: a * b
    case .div: a / b
    case .max: Swift.max(a, b)
    case .min: Swift.min(a, b)
    }
  }
}

extension ElementwiseOp.Comparison {
  fileprivate func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessEqual: a <= b
    case .greater: a > b
    case .greaterEqual: a >= b
    }
  }
}
