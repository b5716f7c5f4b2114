import GraphIR
import Schema

/// A floating-point type that the eager engine computes with: `Float` for runs, `Double` for
/// gradient checks.
public protocol EagerScalar: BinaryFloatingPoint, Sendable {
  static func exp(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func log1p(_ x: Self) -> Self
  static func tanh(_ x: Self) -> Self
  static func sin(_ x: Self) -> Self
  static func cos(_ x: Self) -> Self

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
  public static func exp(_ x: Float) -> Float { libraryExp(x) }
  public static func log(_ x: Float) -> Float { libraryLog(x) }
  public static func log1p(_ x: Float) -> Float { libraryLog1p(x) }
  public static func tanh(_ x: Float) -> Float { libraryTanh(x) }
  public static func sin(_ x: Float) -> Float { librarySin(x) }
  public static func cos(_ x: Float) -> Float { libraryCos(x) }

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
  public static func exp(_ x: Double) -> Double { libraryExp(x) }
  public static func log(_ x: Double) -> Double { libraryLog(x) }
  public static func log1p(_ x: Double) -> Double { libraryLog1p(x) }
  public static func tanh(_ x: Double) -> Double { libraryTanh(x) }
  public static func sin(_ x: Double) -> Double { librarySin(x) }
  public static func cos(_ x: Double) -> Double { libraryCos(x) }

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

// The C library's functions, under names that the methods do not hide.
private func libraryExp(_ x: Float) -> Float { exp(x) }
private func libraryLog(_ x: Float) -> Float { log(x) }
private func libraryLog1p(_ x: Float) -> Float { log1p(x) }
private func libraryTanh(_ x: Float) -> Float { tanh(x) }
private func librarySin(_ x: Float) -> Float { sin(x) }
private func libraryCos(_ x: Float) -> Float { cos(x) }
private func libraryExp(_ x: Double) -> Double { exp(x) }
private func libraryLog(_ x: Double) -> Double { log(x) }
private func libraryLog1p(_ x: Double) -> Double { log1p(x) }
private func libraryTanh(_ x: Double) -> Double { tanh(x) }
private func librarySin(_ x: Double) -> Double { sin(x) }
private func libraryCos(_ x: Double) -> Double { cos(x) }
