import Schema

/// How gates pick experts. Experts are blocks of `width` columns of one matrix.
package struct MixtureLayout: Sendable, Hashable {
  package struct Gate: Sendable, Hashable {
    /// Indices of the experts it mixes, none twice.
    package var experts: [Int]
    /// The first column of its logits; its results start at `column` of the output.
    package var logitColumn: Int
    package var column: Int

    package init(experts: [Int], logitColumn: Int, column: Int) {
      self.experts = experts
      self.logitColumn = logitColumn
      self.column = column
    }
  }
  package var width: Int
  /// The first column of each expert.
  package var expertColumns: [Int]
  package var gates: [Gate]

  package init(width: Int, expertColumns: [Int], gates: [Gate]) {
    self.width = width
    self.expertColumns = expertColumns
    self.gates = gates
  }

  /// Columns of the matrix of gate weights: gates side by side.
  package var weightColumns: Int { gates.reduce(0) { $0 + $1.experts.count } }
}

extension MixtureLayout: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.width, \.expertColumns, \.gates)
}

extension MixtureLayout.Gate: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.experts, \.logitColumn, \.column)
}

extension MixtureLayout {
  var detail: String {
    " experts of \(width) at \(expertColumns)"
      + gates.map { " gate \($0.experts) logits \($0.logitColumn) at \($0.column)" }.joined()
  }

  /// Reports what does not fit the matrices, or each other.
  func validate(
    experts: View, logits: View, output: View, weights: View?, _ check: inout ProgramValidator
  ) {
    guard let experts = check.fixedColumns(experts, "experts"),
      let logits = check.fixedColumns(logits, "logits"),
      let output = check.fixedColumns(output, "output")
    else { return }
    var matrices = [("logits", logits), ("output", output)]
    if let weights {
      guard let weights = check.fixedColumns(weights, "weights") else { return }
      matrices.append(("weights", weights))
      if weights.columns != weightColumns {
        check.report("\(weights.columns) columns of gate weights, expected \(weightColumns)")
      }
    }
    for (role, matrix) in matrices where matrix.rows != experts.rows {
      check.report("\(role) has \(matrix.rows) rows, experts \(experts.rows)")
    }
    guard width >= 1,
      expertColumns.allSatisfy({ check.fits($0, width, in: experts.columns) })
    else { return check.report("an expert lies outside its \(experts.columns) columns") }
    let sorted = expertColumns.sorted()
    if zip(sorted, sorted.dropFirst()).contains(where: { $0 + width > $1 }) {
      check.report("experts overlap")
    }
    validateGates(logits: logits.columns, output: output.columns, &check)
  }

  private func validateGates(logits: Int, output: Int, _ check: inout ProgramValidator) {
    var outputs: [Int] = []
    var logitBlocks: [Range<Int>] = []
    for (index, gate) in gates.enumerated() {
      let inRange = gate.experts.allSatisfy(expertColumns.indices.contains)
      if !inRange || Set(gate.experts).count != gate.experts.count || gate.experts.isEmpty {
        check.report("gate \(index) picks experts \(gate.experts)")
      }
      if check.fits(gate.logitColumn, gate.experts.count, in: logits) {
        logitBlocks.append(gate.logitColumn..<(gate.logitColumn + gate.experts.count))
      } else {
        check.report("the logits of gate \(index) lie outside their \(logits) columns")
      }
      if check.fits(gate.column, width, in: output) {
        outputs.append(gate.column)
      } else {
        check.report("the result of gate \(index) lies outside its \(output) columns")
      }
    }
    outputs.sort()
    if zip(outputs, outputs.dropFirst()).contains(where: { $0 + width > $1 }) {
      check.report("results of gates overlap")
    }
    logitBlocks.sort { $0.lowerBound < $1.lowerBound }
    if zip(logitBlocks, logitBlocks.dropFirst()).contains(where: { $0.overlaps($1) }) {
      check.report("logits of gates overlap")
    }
  }
}
