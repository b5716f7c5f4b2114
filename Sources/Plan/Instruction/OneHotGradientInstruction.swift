import Schema

/// The way back of a product with one-hot columns: rows of `matrix` are added to the rows of
/// `weight` (a gradient matrix), and their sum stored to `bias`.
package struct OneHotGradientInstruction: Sendable, Hashable {
  package var features: [OneHotLinearInstruction.Feature]
  /// [rows, n].
  package var weight: View
  package var bias: View?
  /// [B, n].
  package var matrix: View
  /// Makes it an update: `weight` is a parameter, and the sums step it as its gradient, with this L2
  /// factor. No two features share a row then, and there are limits.
  package var updateL2: Float?
  /// As an update: the rows that it steps.
  package var updatedRows: UpdatedRows

  /// Rows of a weight as the ids of a batch divide them. The step of an absent row follows from its
  /// state alone: it need not wait for the gradient.
  package enum UpdatedRows: UInt8, Sendable, Hashable, CaseIterable {
    case all = 0
    case absent
    case present
  }

  /// The largest batch, and the most rows of a feature, that a weight is stepped with.
  package static let largestUpdateBatch = 1_024
  package static let largestUpdateVocabulary = 4_096

  package init(
    features: [OneHotLinearInstruction.Feature], weight: View, bias: View?, matrix: View,
    updateL2: Float? = nil, updatedRows: UpdatedRows = .all
  ) {
    self.features = features
    self.weight = weight
    self.bias = bias
    self.matrix = matrix
    self.updateL2 = updateL2
    self.updatedRows = updatedRows
  }
}

extension OneHotGradientInstruction: InstructionBody {
  static let code: UInt8 = 8
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.features, \.weight, \.bias, \.matrix, \.updateL2, \.updatedRows)
  var instruction: Instruction { .oneHotGradient(self) }
  var name: String {
    updateL2 == nil
      ? "one_hot_gradient" : updatedRows == .absent ? "absent_rows_update" : "one_hot_update"
  }
  var detail: String {
    guard let updateL2 else { return features.detail }
    return features.detail + (updateL2 == 0 ? "" : " l2 \(updateL2)") + " \(updatedRows) rows"
  }
  var timing: Instruction.Timing { updatedRows == .absent ? .patient : .early }

  mutating func visit(_ walk: inout OperandWalk) {
    for index in features.indices {
      walk(&features[index].ids, .read("ids", index, dtype: .i32))
    }
    walk(&weight, updateL2 == nil ? .readWrite("weight") : .update("weight"))
    walk(&bias, .write("bias"))
    walk(&matrix, .read("matrix"))
  }

  /// The step of absent rows only learns from the matrix how wide it is.
  var operands: [Operand] {
    visited.splitting("weight", into: features.rows(of: weight))
      .filter { updatedRows != .absent || $0.use.name != "matrix" }
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    let touched = features.touched(matrix, rows: rows)
    guard updateL2 != nil else {
      return InstructionCost(flops: touched, elements: touched.times(2))
    }
    // The step sweeps the parameter and two states.
    let all = features.reduce(0) { $0.plus($1.rowCount) }
    let present = Int(min(features.reduce(0) { $0 + $1.expectedRows(rows: rows) }, 1e15))
    let stepped =
      switch updatedRows {
      case .all: all
      case .present: present
      case .absent: max(0, all - present)
      }
    let swept = stepped.times(matrix.extents.last?.size(rows: rows) ?? 0)
    let summed = updatedRows == .absent ? 0 : touched
    return InstructionCost(
      flops: summed.plus(swept.times(12)), elements: summed.plus(swept.times(6)))
  }

  /// Whether an update can step the features' rows in a batch of so many rows.
  package func isSteppable(rows: Int) -> Bool {
    features.ascends && rows <= Self.largestUpdateBatch
      && features.allSatisfy { $0.rowCount <= Self.largestUpdateVocabulary }
  }

  func validate(_ check: inout ProgramValidator) {
    _ = features.validate(weight: weight, matrix: matrix, bias: bias, &check)
    if let l2 = updateL2 {
      check.expectFactor(l2, "weight")
      let rows = matrix.extents.first?.size(rows: check.program.batchCapacity) ?? 0
      if !isSteppable(rows: rows) { check.report("an update of rows that are shared or too many") }
    }
    if updatedRows != .all, updateL2 == nil || bias != nil {
      check.report("some rows of what is not an update of a weight alone")
    }
  }
}

extension OneHotGradientInstruction.UpdatedRows: ByteCode {
  package static let codes: [(UInt8, Self)] = [(0, .all), (1, .absent), (2, .present)]
}
