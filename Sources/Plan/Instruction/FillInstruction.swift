import Schema

/// Every element of the view becomes the value.
package struct FillInstruction: Sendable, Hashable {
  package var view: View
  package var value: Float
}

extension FillInstruction: InstructionBody {
  static let code: UInt8 = 12
  package static let fields: some FieldList<Self> = Fields(Self.init, \.view, \.value)
  var instruction: Instruction { .fill(self) }
  var name: String { "fill" }
  var detail: String { " \(value)" }

  mutating func visit(_ walk: inout OperandWalk) { walk(&view, .write("view", repeats: true)) }

  func validate(_ check: inout ProgramValidator) {}
}
