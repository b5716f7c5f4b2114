import Schema

/// Each row of `output` is the sum or the maximum over the rows of its group of `input`, both [n, k].
/// `groups` is i32[n, 2]: rows that follow each other with equal numbers are one group, and a row of
/// zeros is a group of its own.
package struct GroupInstruction: Sendable, Hashable {
  package enum Kind: UInt8, Sendable, Hashable, CaseIterable { case sum, max }
  package var kind: Kind
  package var input: View
  package var groups: View
  package var output: View

  package init(kind: Kind, input: View, groups: View, output: View) {
    self.kind = kind
    self.input = input
    self.groups = groups
    self.output = output
  }
}

extension GroupInstruction: InstructionBody {
  static let code: UInt8 = 18
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.kind, \.input, \.groups, \.output)
  var instruction: Instruction { .group(self) }
  var name: String { "group" }
  var detail: String { " \(kind)" }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&input, .read("input"))
    walk(&groups, .read("groups", dtype: .i32))
    walk(&output, .write("output"))
  }

  func validate(_ check: inout ProgramValidator) {
    guard let x = check.fixedColumns(input, "input") else { return }
    check.expectGroups(groups, of: x.rows)
    check.expectDenseRows(output, "output")
    check.expect(output.extents, input.extents, "output")
  }
}

extension GroupInstruction.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [(0, .sum), (1, .max)]
}

extension ProgramValidator {
  /// The numbers of the groups of so many rows.
  mutating func expectGroups(_ view: View, of rows: Extent) {
    expectDenseRows(view, "groups")
    expect(view.extents, [rows, .fixed(2)], "groups")
  }
}
