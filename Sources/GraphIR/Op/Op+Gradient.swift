import TensorTypes

extension Op {
  /// Emits the ops that compute the cotangents of the operands from those of the results: one step
  /// of reverse mode. The rules emit ordinary ops, so what they emit can be differentiated again.
  ///
  /// - Parameters:
  ///   - operands: what the op was applied to.
  ///   - results: what it gave; rules reuse them instead of computing them again.
  ///   - cotangents: for each result the derivative of the loss by it, of the result's type; nil
  ///     where the loss does not depend on the result.
  ///   - needed: for each operand whether its cotangent is asked for. Nothing is emitted for the
  ///     others.
  /// - Returns: for each operand its cotangent, of the operand's type; nil where it is zero
  ///   everywhere (ids, masks, piecewise constant ops, `stop_gradient`) or was not asked for.
  /// - Throws: `MissingGradientRule` for ops that change state; `TypeError` when the operands,
  ///   results or cotangents are not the op's own.
  public func gradient<E: Emitter>(
    _ emitter: E, operands: [E.Tensor], results: [E.Tensor], cotangents: [E.Tensor?],
    needed: [Bool]
  ) throws -> [E.Tensor?] {
    if hasEffect { throw MissingGradientRule(op: mnemonic) }
    guard needed.count == operands.count, cotangents.count == results.count else {
      throw TypeError(
        op: mnemonic,
        "gradient asked for with \(needed.count) flags for \(operands.count) operands"
          + " and \(cotangents.count) cotangents for \(results.count) results")
    }
    for case (let result, let cotangent?) in zip(results, cotangents)
    where emitter.type(of: cotangent) != emitter.type(of: result) {
      throw TypeError(
        op: mnemonic,
        "the cotangent has type \(emitter.type(of: cotangent)), expected "
          + "\(emitter.type(of: result))")
    }
    let wanted = zip(operands, needed).map { emitter.type(of: $0).dtype == .f32 && $1 }
    guard wanted.contains(true), cotangents.contains(where: { $0 != nil }) else {
      return operands.map { _ in nil }
    }
    if case .fused(let op) = self {
      return try op.gradient(emitter, operands, results, cotangents, wanted)
    }
    // All other ops have one result.
    guard let result = results.first, let cotangent = cotangents.first ?? nil else {
      return operands.map { _ in nil }
    }
    let step = GradientStep(
      emitter: emitter, operands: operands, result: result, cotangent: cotangent, needed: wanted)
    switch self {
    case .source: return []
    case .elementwise(let op): return try op.gradient(step)
    case .layout(let op): return try op.gradient(step)
    case .reduction(let op): return try op.gradient(step)
    case .matrix(let op): return try op.gradient(step)
    case .lookup(let op): return try op.gradient(step)
    case .convolution(let op): return try op.gradient(step)
    case .group(let op): return try op.gradient(step)
    case .fused, .effect: throw MissingGradientRule(op: mnemonic)
    }
  }
}

/// An op that cannot be differentiated was met on the way from the loss to a parameter.
public struct MissingGradientRule: Error, Sendable, Hashable, CustomStringConvertible {
  /// The mnemonic of the op.
  public var op: String
  public init(op: String) { self.op = op }
  public var description: String { "\(op): has no gradient rule" }
}

/// What a gradient rule is given: one application of an op and the cotangent of its result.
struct GradientStep<E: Emitter> {
  let emitter: E
  let operands: [E.Tensor]
  let result: E.Tensor
  let cotangent: E.Tensor
  /// For each operand whether a cotangent is asked for; false for ids and masks.
  let needed: [Bool]

  func shape(_ operand: Int) -> Shape { emitter.type(of: operands[operand]).shape }

  /// The cotangent of one operand, nil without computing it where it is not asked for.
  func ifNeeded(_ operand: Int, _ compute: () throws -> E.Tensor) rethrows -> E.Tensor? {
    needed[operand] ? try compute() : nil
  }

  /// As `ifNeeded`, with the broadcasting of that operand undone.
  func unbroadcast(_ operand: Int, _ compute: () throws -> E.Tensor) throws -> E.Tensor? {
    needed[operand] ? try emitter.sum(compute(), to: shape(operand)) : nil
  }
}
