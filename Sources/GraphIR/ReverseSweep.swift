/// A tensor that a reverse sweep knows by its number.
package protocol NumberedTensor {
  var index: Int { get }
}

/// One application of an op, in the order of execution.
package protocol AppliedOp {
  associatedtype Tensor: NumberedTensor
  var operands: [Tensor] { get }
  var results: [Tensor] { get }
}

extension ValueID: NumberedTensor {}
extension Graph.Node: AppliedOp {}

extension Collection where Element: AppliedOp {
  /// Marks what is computed from the tensors that are marked already.
  package func markDescendants(_ marked: inout [Bool]) {
    for step in self where step.operands.contains(where: { marked[$0.index] }) {
      for result in step.results { marked[result.index] = true }
    }
  }
}

extension Emitter {
  /// Reverse mode: passes cotangents back through applied ops and adds up those of a tensor that is
  /// used several times. The one place that does; the eager engine has its own on purpose.
  /// - Parameters:
  ///   - cotangents: by the tensors' numbers. On entry those of the targets, on return of all.
  ///   - varies: whether a tensor's cotangent is asked for. Nothing is emitted for the others.
  ///   - rule: the cotangents of a step's operands from those of its results, as `Op.gradient`.
  package func sweep<Steps: BidirectionalCollection>(
    back steps: Steps, _ cotangents: inout [Tensor?], varies: [Bool],
    rule: (Steps.Element, _ arriving: [Tensor?], _ needed: [Bool]) throws -> [Tensor?]
  ) throws where Steps.Element: AppliedOp {
    for step in steps.reversed() {
      let arriving = step.results.map { cotangents[$0.index] }
      let needed = step.operands.map { varies[$0.index] }
      guard needed.contains(true), arriving.contains(where: { $0 != nil }) else { continue }
      for (operand, new) in zip(step.operands, try rule(step, arriving, needed)) {
        guard let new, varies[operand.index] else { continue }
        cotangents[operand.index] = try cotangents[operand.index].map { try add($0, new) } ?? new
      }
    }
  }
}
