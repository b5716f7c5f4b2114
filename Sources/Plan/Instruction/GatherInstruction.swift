import Schema

/// Rows of one or more tables by id into columns of a matrix. Negative ids are padding; an id beyond
/// the table reads row 0.
package struct GatherInstruction: Sendable, Hashable {
  package enum Pooling: UInt8, Sendable, Hashable, CaseIterable {
    /// The rows side by side.
    case concat = 0
    case sum
    case mean
  }

  package struct Feature: Sendable, Hashable {
    /// [rows, columns] of the parameter block; to add to, the gradient matrix (any space), which
    /// must hold zeros or an earlier sum.
    package var table: View
    /// i32 [B, length].
    package var ids: View
    package var pooling: Pooling
    /// The first column of `matrix`.
    package var column: Int

    package init(table: View, ids: View, pooling: Pooling, column: Int) {
      self.table = table
      self.ids = ids
      self.pooling = pooling
      self.column = column
    }
  }

  package var features: [Feature]
  /// [B, columns].
  package var matrix: View

  package init(features: [Feature], matrix: View) {
    self.features = features
    self.matrix = matrix
  }
}

extension GatherInstruction: InstructionBody {
  static let code: UInt8 = 4
  package static let fields: some FieldList<Self> = Fields(Self.init, \.features, \.matrix)
  var instruction: Instruction { .gather(self) }
  var name: String { "gather" }
  var detail: String { features.detail }

  mutating func visit(_ walk: inout OperandWalk) {
    for index in features.indices {
      walk(&features[index].table, .read("table", index))
      walk(&features[index].ids, .read("ids", index, dtype: .i32))
    }
    walk(&matrix, .write("matrix"))
  }

  func cost(rows: Int, elements: Int) -> InstructionCost { features.cost(rows: rows) }

  func validate(_ check: inout ProgramValidator) {
    let columns = features.validate(matrix, &check).sorted { $0.lowerBound < $1.lowerBound }
    if zip(columns, columns.dropFirst()).contains(where: { $0.overlaps($1) }) {
      check.report("columns of one feature are another's")
    }
  }
}

extension GatherInstruction.Feature: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.table, \.ids, \.pooling, \.column)
}

extension GatherInstruction.Pooling: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .concat), (1, .sum), (2, .mean),
  ]
}

/// What lookups and their way back have in common.
extension [GatherInstruction.Feature] {
  var detail: String {
    map { " \($0.pooling) at \($0.column)" }.joined(separator: ",")
  }

  func cost(rows: Int) -> InstructionCost {
    let touched = reduce(0) { sum, feature in
      let columns = feature.table.extents.last?.size(rows: rows) ?? 0
      return sum.plus(feature.ids.extents.product(rows: rows, times: columns))
    }
    return InstructionCost(flops: touched, elements: touched.times(2))
  }

  /// - Returns: The columns of the matrix that belong to the features that fit it.
  func validate(_ matrix: View, _ check: inout ProgramValidator) -> [Range<Int>] {
    guard let matrix = check.fixedColumns(matrix, "matrix") else { return [] }
    var taken: [Range<Int>] = []
    for (index, feature) in enumerated() {
      guard let shape = check.fixedColumns(feature.table, "table \(index)"),
        case .fixed = shape.rows, let ids = check.fixedColumns(feature.ids, "ids \(index)")
      else {
        check.report("table \(index): its rows depend on the batch")
        continue
      }
      if ids.rows != matrix.rows {
        check.report("ids \(index) have \(ids.rows) rows, the matrix \(matrix.rows)")
      }
      let width = feature.pooling == .concat ? shape.columns.times(ids.columns) : shape.columns
      guard check.fits(feature.column, width, in: matrix.columns) else {
        check.report(
          "feature \(index): columns from \(feature.column) on do not fit \(matrix.columns)")
        continue
      }
      taken.append(feature.column..<(feature.column + width))
    }
    return taken
  }
}
