import Schema

/// output[r, d] = 1 where ids[r] = d, else 0.
package struct OneHotInstruction: Sendable, Hashable {
  /// i32 [rows, 1].
  package var ids: View
  /// [rows, depth].
  package var output: View

  package init(ids: View, output: View) {
    self.ids = ids
    self.output = output
  }
}

extension OneHotInstruction: InstructionBody {
  static let code: UInt8 = 6
  package static let fields: some FieldList<Self> = Fields(Self.init, \.ids, \.output)
  var instruction: Instruction { .oneHot(self) }
  var name: String { "one_hot" }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&ids, .read("ids", dtype: .i32))
    walk(&output, .write("output"))
  }

  func validate(_ check: inout ProgramValidator) {
    guard let matrix = check.fixedColumns(output, "output") else { return }
    if ids.extents != [matrix.rows, .fixed(1)] { check.expect(ids.extents, [matrix.rows], "ids") }
  }
}
