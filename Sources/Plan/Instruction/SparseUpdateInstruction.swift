import Schema

/// Steps the rows of a table that lookups have read, by the optimizer's rule for rows. A
/// row's gradient is the sum over its occurrences, in the order of sources, batch rows and places;
/// rows whose gradient is zero are left alone.
package struct SparseUpdateInstruction: Sendable, Hashable {
  package struct Source: Sendable, Hashable {
    /// i32 [B, length] as the lookup read them; nil: row r of `matrix` is the gradient of row r.
    package var ids: View?
    package var pooling: GatherInstruction.Pooling
    /// The gradient of what the lookup gave: [B, dim], or [B, length · dim] side by side.
    package var matrix: View

    package init(ids: View?, pooling: GatherInstruction.Pooling, matrix: View) {
      self.ids = ids
      self.pooling = pooling
      self.matrix = matrix
    }
  }

  /// [rows, dim] of the parameter block: a whole parameter.
  package var table: View
  package var l2: Float
  package var sources: [Source]

  package init(table: View, l2: Float, sources: [Source]) {
    self.table = table
    self.l2 = l2
    self.sources = sources
  }
}

extension SparseUpdateInstruction: InstructionBody {
  static let code: UInt8 = 17
  package static let fields: some FieldList<Self> = Fields(Self.init, \.table, \.l2, \.sources)
  var instruction: Instruction { .sparseUpdate(self) }
  var name: String { "sparse_update" }
  var detail: String {
    (l2 == 0 ? "" : " l2 \(l2)") + sources.map { " \($0.pooling)" }.joined()
  }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&table, .update("table"))
    for index in sources.indices {
      walk(&sources[index].ids, .read("ids", index, dtype: .i32))
      walk(&sources[index].matrix, .read("source", index))
    }
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    let columns = table.extents.last?.size(rows: rows) ?? 0
    let touched = sources.reduce(0) { sum, source in
      sum.plus((source.ids?.extents ?? Array(source.matrix.extents.prefix(1))).product(rows: rows))
    }
    return InstructionCost(
      flops: touched.times(columns).times(12), elements: touched.times(columns.plus(30)))
  }

  func validate(_ check: inout ProgramValidator) {
    if !check.stepsRows { check.report("the plan has no sparse optimizer") }
    check.expectFactor(l2, "table")
    guard let shape = check.fixedColumns(table, "table"), case .fixed = shape.rows,
      check.isParameter(table)
    else { return check.report("its table is not a parameter") }
    for (index, source) in sources.enumerated() {
      let role = "source \(index)"
      guard let matrix = check.fixedColumns(source.matrix, role) else { continue }
      var length = 1
      if let view = source.ids {
        guard let ids = check.fixedColumns(view, "ids \(index)") else { continue }
        if ids.rows != matrix.rows {
          check.report("\(role): ids have \(ids.rows) rows, the gradient \(matrix.rows)")
        }
        length = ids.columns
      } else if matrix.rows != shape.rows {
        check.report("\(role): \(matrix.rows) rows for a table of \(shape.rows)")
      }
      let width = source.pooling == .concat ? shape.columns.times(length) : shape.columns
      if matrix.columns != width {
        check.report("\(role): \(matrix.columns) columns where \(width) are expected")
      }
    }
  }
}

extension SparseUpdateInstruction.Source: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.ids, \.pooling, \.matrix)
}
