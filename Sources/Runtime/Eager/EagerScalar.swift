import Foundation
import GraphIR

/// A floating-point type that the eager engine computes with: `Float` for runs, `Double` for
/// gradient checks.
public protocol EagerScalar: BinaryFloatingPoint, Sendable {
  static func exp(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func log1p(_ x: Self) -> Self
  static func tanh(_ x: Self) -> Self

  /// Computes an op that depends on its operands alone.
  /// - Throws: `EagerError` for an id outside its table; `TypeError` for an op that needs an engine.
  // A requirement, with the same body in each conformance, so that the kernels are compiled for
  // the concrete type and not run through witness tables.
  static func evaluate(
    _ op: Op, _ operands: [EagerTensor<Self>], resultSizes: [Int]
  ) throws -> EagerStorage<Self>

  /// Applies one optimizer step to one parameter.
  static func update(
    _ variable: inout EagerVariable<Self>, gradient: [Self], _ step: EagerOptimizerStep)

  static func areFinite(_ values: [Self]) -> Bool
}

extension Float: EagerScalar {
  public static func exp(_ x: Float) -> Float { Foundation.exp(x) }
  public static func log(_ x: Float) -> Float { Foundation.log(x) }
  public static func log1p(_ x: Float) -> Float { Foundation.log1p(x) }
  public static func tanh(_ x: Float) -> Float { Foundation.tanh(x) }

  public static func evaluate(
    _ op: Op, _ operands: [EagerTensor<Float>], resultSizes: [Int]
  ) throws -> EagerStorage<Float> {
    try EagerKernels<Float>.evaluate(op, operands, resultSizes)
  }

  public static func update(
    _ variable: inout EagerVariable<Float>, gradient: [Float], _ step: EagerOptimizerStep
  ) {
    step.apply(&variable, gradient)
  }

  public static func areFinite(_ values: [Float]) -> Bool { values.allSatisfy(\.isFinite) }
}

extension Double: EagerScalar {
  public static func exp(_ x: Double) -> Double { Foundation.exp(x) }
  public static func log(_ x: Double) -> Double { Foundation.log(x) }
  public static func log1p(_ x: Double) -> Double { Foundation.log1p(x) }
  public static func tanh(_ x: Double) -> Double { Foundation.tanh(x) }

  public static func evaluate(
    _ op: Op, _ operands: [EagerTensor<Double>], resultSizes: [Int]
  ) throws -> EagerStorage<Double> {
    try EagerKernels<Double>.evaluate(op, operands, resultSizes)
  }

  public static func update(
    _ variable: inout EagerVariable<Double>, gradient: [Double], _ step: EagerOptimizerStep
  ) {
    step.apply(&variable, gradient)
  }

  public static func areFinite(_ values: [Double]) -> Bool { values.allSatisfy(\.isFinite) }
}
