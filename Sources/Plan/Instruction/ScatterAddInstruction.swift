import Schema

/// The way back of a lookup: rows of `matrix` are added to the gradients of the tables.
package struct ScatterAddInstruction: Sendable, Hashable {
  package var features: [GatherInstruction.Feature]
  /// [B, columns].
  package var matrix: View

  package init(features: [GatherInstruction.Feature], matrix: View) {
    self.features = features
    self.matrix = matrix
  }
}

extension ScatterAddInstruction: InstructionBody {
  static let code: UInt8 = 5
  package static let fields: some FieldList<Self> = Fields(Self.init, \.features, \.matrix)
  var instruction: Instruction { .scatterAdd(self) }
  var name: String { "scatter_add" }
  var detail: String { features.detail }

  mutating func visit(_ walk: inout OperandWalk) {
    for index in features.indices {
      walk(&features[index].table, .readWrite("table", index, sharing: .added))
      walk(&features[index].ids, .read("ids", index, dtype: .i32))
    }
    walk(&matrix, .read("matrix"))
  }

  func cost(rows: Int, elements: Int) -> InstructionCost { features.cost(rows: rows) }

  func validate(_ check: inout ProgramValidator) { _ = features.validate(matrix, &check) }
}
