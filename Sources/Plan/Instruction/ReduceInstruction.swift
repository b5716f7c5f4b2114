import Schema

/// Combines the axes of `input` that `reduced` marks. `output` has the same rank; its marked axes
/// have size 1 (their stride is not used).
package struct ReduceInstruction: Sendable, Hashable {
  package enum Kind: UInt8, Sendable, Hashable, CaseIterable { case sum, max, min }
  package var kind: Kind
  package var input: View
  package var reduced: [Bool]
  package var output: View

  package init(kind: Kind, input: View, reduced: [Bool], output: View) {
    self.kind = kind
    self.input = input
    self.reduced = reduced
    self.output = output
  }
}

extension ReduceInstruction: InstructionBody {
  static let code: UInt8 = 2
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.kind, \.input, \.reduced, \.output)
  var instruction: Instruction { .reduce(self) }
  var name: String { "reduce" }
  var detail: String {
    " \(kind) over axes "
      + reduced.indices.filter { reduced[$0] }.map(String.init).joined(separator: ", ")
  }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&input, .read("input"))
    walk(&output, .write("output"))
  }

  func validate(_ check: inout ProgramValidator) {
    guard reduced.count == input.extents.count else {
      return check.report("\(reduced.count) marks for rank \(input.extents.count)")
    }
    let kept = zip(input.extents, reduced).map { $1 ? .fixed(1) : $0 }
    check.expect(output.extents, kept, "output")
  }
}

extension ReduceInstruction.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .sum), (1, .max), (2, .min),
  ]
}
