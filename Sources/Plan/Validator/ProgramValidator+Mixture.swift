import TensorTypes

extension ProgramValidator {
  /// Columns that a mixture's matrices need, and findings about its layout.
  private mutating func checkLayout(
    _ layout: MixtureLayout, experts: Int, logits: Int, output: Int, weights: Int?
  ) {
    guard layout.width >= 1,
      layout.expertColumns.allSatisfy({ fits($0, layout.width, in: experts) })
    else { return report("mixture: an expert lies outside its \(experts) columns") }
    let sorted = layout.expertColumns.sorted()
    if zip(sorted, sorted.dropFirst()).contains(where: { $0 + layout.width > $1 }) {
      report("mixture: experts overlap")
    }
    var outputs: [Int] = []
    var logitBlocks: [Range<Int>] = []
    for (index, gate) in layout.gates.enumerated() {
      let inRange = gate.experts.allSatisfy(layout.expertColumns.indices.contains)
      if !inRange || Set(gate.experts).count != gate.experts.count || gate.experts.isEmpty {
        report("mixture: gate \(index) picks experts \(gate.experts)")
      }
      if fits(gate.logitColumn, gate.experts.count, in: logits) {
        logitBlocks.append(gate.logitColumn..<(gate.logitColumn + gate.experts.count))
      } else {
        report("mixture: the logits of gate \(index) lie outside their \(logits) columns")
      }
      if fits(gate.column, layout.width, in: output) {
        outputs.append(gate.column)
      } else {
        report("mixture: the result of gate \(index) lies outside its \(output) columns")
      }
    }
    outputs.sort()
    if zip(outputs, outputs.dropFirst()).contains(where: { $0 + layout.width > $1 }) {
      report("mixture: results of gates overlap")
    }
    logitBlocks.sort { $0.lowerBound < $1.lowerBound }
    if zip(logitBlocks, logitBlocks.dropFirst()).contains(where: { $0.overlaps($1) }) {
      report("mixture: logits of gates overlap")
    }
    if let weights, weights != layout.weightColumns {
      report("mixture: \(weights) columns of gate weights, expected \(layout.weightColumns)")
    }
  }

  /// Columns of matrices that all have the same rows, or nil if they do not.
  private mutating func columns(_ views: [(View, String)]) -> [Int]? {
    var result: [Int] = []
    var rows: Extent?
    for (view, role) in views {
      guard let matrix = fixedColumns(view, "mixture: \(role)") else { return nil }
      if let rows, rows != matrix.rows {
        report("mixture: \(role) has \(matrix.rows) rows, experts \(rows)")
        return nil
      }
      rows = matrix.rows
      result.append(matrix.columns)
    }
    return result
  }

  mutating func check(_ mixture: MixtureInstruction) {
    let experts = touch(mixture.experts, .read, "mixture: experts")
    let logits = touch(mixture.logits, .read, "mixture: logits")
    let output = touch(mixture.output, .write, "mixture: output")
    checkAlias(output, experts, "mixture: output")
    checkAlias(output, logits, "mixture: output")
    var views = [
      (mixture.experts, "experts"), (mixture.logits, "logits"), (mixture.output, "output"),
    ]
    if let view = mixture.weights {
      let weights = touch(view, .write, "mixture: weights")
      for other in [experts, logits, output] { checkAlias(weights, other, "mixture: weights") }
      views.append((view, "weights"))
    }
    guard let columns = columns(views) else { return }
    checkLayout(
      mixture.layout, experts: columns[0], logits: columns[1], output: columns[2],
      weights: mixture.weights == nil ? nil : columns[3])
  }

  mutating func check(_ mixture: MixtureGradientInstruction) {
    let experts = touch(mixture.experts, .read, "mixture: experts")
    let weights = touch(mixture.weights, .read, "mixture: weights")
    let cotangent = touch(mixture.cotangent, .read, "mixture: cotangent")
    let expertCotangents = touch(mixture.expertCotangents, .write, "mixture: expert cotangents")
    let logitCotangents = touch(mixture.logitCotangents, .write, "mixture: logit cotangents")
    checkAlias(expertCotangents, experts, "mixture: expert cotangents", inPlace: true)
    for read in [weights, cotangent] {
      checkAlias(expertCotangents, read, "mixture: expert cotangents")
      checkAlias(logitCotangents, read, "mixture: logit cotangents")
    }
    checkAlias(logitCotangents, experts, "mixture: logit cotangents")
    checkAlias(logitCotangents, expertCotangents, "mixture: logit cotangents")
    guard
      let columns = columns([
        (mixture.experts, "experts"), (mixture.weights, "weights"),
        (mixture.cotangent, "cotangent"), (mixture.expertCotangents, "expert cotangents"),
        (mixture.logitCotangents, "logit cotangents"),
      ])
    else { return }
    if columns[0] != columns[3] {
      report("mixture: \(columns[3]) columns of expert cotangents for \(columns[0])")
    }
    checkLayout(
      mixture.layout, experts: columns[0], logits: columns[4], output: columns[2],
      weights: columns[1])
  }
}
