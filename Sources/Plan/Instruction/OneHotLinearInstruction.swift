import Schema

/// What remains of a product with one-hot columns: matrix = act(Σ_f weight[rowOffset_f + id_f] (+
/// matrix) (+ bias)).
package struct OneHotLinearInstruction: Sendable, Hashable {
  package struct Feature: Sendable, Hashable {
    /// i32 [B, 1].
    package var ids: View
    package var rowOffset: Int
    package var rowCount: Int

    package init(ids: View, rowOffset: Int, rowCount: Int) {
      self.ids = ids
      self.rowOffset = rowOffset
      self.rowCount = rowCount
    }
  }

  package var features: [Feature]
  /// [rows, n].
  package var weight: View
  package var bias: View?
  /// [B, n].
  package var matrix: View
  package var accumulate: Bool
  package var activation: MatmulInstruction.Activation?
  package var activationColumns: Range<Int>?

  package init(
    features: [Feature], weight: View, bias: View?, matrix: View, accumulate: Bool,
    activation: MatmulInstruction.Activation? = nil, activationColumns: Range<Int>? = nil
  ) {
    self.features = features
    self.weight = weight
    self.bias = bias
    self.matrix = matrix
    self.accumulate = accumulate
    self.activation = activation
    self.activationColumns = activationColumns
  }
}

extension OneHotLinearInstruction: InstructionBody {
  static let code: UInt8 = 7
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.features, \.weight, \.bias, \.matrix, \.accumulate, \.activation,
    \.activationColumns)
  var instruction: Instruction { .oneHotLinear(self) }
  var name: String { "one_hot_linear" }
  var detail: String {
    features.detail + (accumulate ? " +=" : "") + (activation.map { " \($0)" } ?? "")
      + (activationColumns.map { " on \($0)" } ?? "")
  }

  mutating func visit(_ walk: inout OperandWalk) {
    for index in features.indices {
      walk(&features[index].ids, .read("ids", index, dtype: .i32))
    }
    walk(&weight, .read("weight"))
    walk(&bias, .read("bias"))
    walk(&matrix, accumulate ? .readWrite("matrix") : .write("matrix"))
  }

  var operands: [Operand] { visited.splitting("weight", into: features.rows(of: weight)) }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    let touched = features.touched(matrix, rows: rows)
    return InstructionCost(flops: touched, elements: touched.times(2))
  }

  func validate(_ check: inout ProgramValidator) {
    guard let columns = features.validate(weight: weight, matrix: matrix, bias: bias, &check)
    else { return }
    check.expectColumns(activationColumns, in: .fixed(columns))
  }
}

extension OneHotLinearInstruction.Feature: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.ids, \.rowOffset, \.rowCount)
}

extension OneHotLinearInstruction.Feature {
  /// How many of its rows a batch of `rows` rows selects, if all ids are equally frequent.
  package func expectedRows(rows: Int) -> Double {
    let count = Double(max(1, rowCount))
    var missed = 1.0
    for _ in 0..<min(rows, 1_024) { missed *= 1 - 1 / count }
    return count * (1 - missed)
  }

  /// The row after its last one; nil where there is none.
  fileprivate var end: Int? {
    let (end, overflow) = rowOffset.addingReportingOverflow(rowCount)
    return overflow || rowOffset < 0 || rowCount <= 0 ? nil : end
  }
}

/// What products with one-hot columns and their way back have in common.
extension [OneHotLinearInstruction.Feature] {
  var detail: String {
    map { " \($0.rowOffset)+\($0.rowCount)" }.joined(separator: ",")
  }

  /// Whether the features' rows follow each other, each row once.
  package var ascends: Bool {
    var next = 0
    for feature in self {
      guard feature.rowOffset >= next, let end = feature.end else { return false }
      next = end
    }
    return true
  }

  /// Whether the features' rows follow each other without gaps, from the first to the last row.
  package func covers(_ weight: View) -> Bool {
    first?.rowOffset == 0 && ascends
      && zip(self, dropFirst()).allSatisfy { $0.end == $1.rowOffset }
      && last?.end.map { .fixed($0) } == weight.extents.first
  }

  /// The rows of the weight that belong to features, as few views as there can be.
  package func rows(of weight: View) -> [View] {
    guard weight.extents.count == 2, weight.strides.count == 2 else { return [weight] }
    var runs: [Range<Int>] = []
    for feature in sorted(by: { $0.rowOffset < $1.rowOffset }) {
      guard let end = feature.end else { return [weight] }
      if let last = runs.last, feature.rowOffset <= last.upperBound {
        runs[runs.count - 1] = last.lowerBound..<Swift.max(last.upperBound, end)
      } else {
        runs.append(feature.rowOffset..<end)
      }
    }
    var views: [View] = []
    for run in runs {
      let (distance, overflow) = run.lowerBound.multipliedReportingOverflow(by: weight.strides[0])
      let (offset, overflow2) = weight.offset.addingReportingOverflow(distance)
      guard !overflow, !overflow2 else { return [weight] }
      var view = weight
      view.offset = offset
      view.extents[0] = .fixed(run.count)
      views.append(view)
    }
    return views
  }

  /// Elements of the weight that the rows of a batch meet.
  func touched(_ matrix: View, rows: Int) -> Int {
    (matrix.extents.last?.size(rows: rows) ?? 0).times(rows).times(count)
  }

  /// - Returns: The columns of weight and matrix, or nil where they are no matrices.
  func validate(
    weight: View, matrix: View, bias: View?, _ check: inout ProgramValidator
  ) -> Int? {
    // Of a weight of which some rows alone are touched all must be there: kernels count from its
    // start.
    _ = check.resolve(weight, "weight")
    guard let table = check.fixedColumns(weight, "weight"), case .fixed(let rows) = table.rows,
      let matrix = check.fixedColumns(matrix, "matrix")
    else {
      check.report("the weight's rows depend on the batch")
      return nil
    }
    if matrix.columns != table.columns {
      check.report("\(matrix.columns) columns from a weight of \(table.columns)")
    }
    if let bias {
      check.expectDenseRows(bias, "bias")
      check.expect(bias.extents, [.fixed(matrix.columns)], "bias")
    }
    for (index, feature) in enumerated() {
      check.expect(feature.ids.extents, [matrix.rows, .fixed(1)], "ids \(index)")
      if feature.rowCount < 1 || !check.fits(feature.rowOffset, feature.rowCount, in: rows) {
        check.report("rows of feature \(index) lie outside the weight")
      }
    }
    return matrix.columns
  }
}

extension [Operand] {
  /// With the views of some rows in place of the whole operand of that name.
  func splitting(_ name: String, into rows: [View]) -> [Operand] {
    flatMap { operand in
      operand.use.name == name ? rows.map { Operand(view: $0, use: operand.use) } : [operand]
    }
  }
}
