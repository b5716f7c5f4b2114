import Schema

/// The number of rows of the run, as a float.
package struct BatchSizeInstruction: Sendable, Hashable {
  /// One element.
  package var view: View

  package init(view: View) { self.view = view }
}

extension BatchSizeInstruction: InstructionBody {
  static let code: UInt8 = 13
  package static let fields: some FieldList<Self> = Fields(Self.init, \.view)
  var instruction: Instruction { .batchSize(self) }
  var name: String { "batch_size" }

  mutating func visit(_ walk: inout OperandWalk) { walk(&view, .write("view")) }

  func validate(_ check: inout ProgramValidator) {
    if view.extents.contains(where: { $0 != .fixed(1) }) { check.report("not a scalar") }
  }
}
