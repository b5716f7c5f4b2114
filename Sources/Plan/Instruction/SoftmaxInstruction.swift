import Schema

/// Softmax over the last axis of a matrix.
package struct SoftmaxInstruction: Sendable, Hashable {
  package var input: View
  package var output: View

  package init(input: View, output: View) {
    self.input = input
    self.output = output
  }
}

extension SoftmaxInstruction: InstructionBody {
  static let code: UInt8 = 3
  package static let fields: some FieldList<Self> = Fields(Self.init, \.input, \.output)
  var instruction: Instruction { .softmax(self) }
  var name: String { "softmax" }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&input, .read("input", sharing: .inPlace))
    walk(&output, .write("output", sharing: .inPlace))
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    InstructionCost(flops: elements.times(10), elements: elements)
  }

  func validate(_ check: inout ProgramValidator) {
    guard check.matrix(input, "input") != nil else { return }
    check.expectDenseRows(output, "output")
    check.expect(output.extents, input.extents, "output")
  }
}
