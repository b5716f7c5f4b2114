import TensorTypes

/// Which rows of a weight matrix the one-hot columns of features stand for.
public struct OneHotForm: Sendable, Hashable {
  public struct Feature: Sendable, Hashable {
    /// Its rows of the weight: `rowOffset + id`, id < `rowCount`. A negative id picks none.
    public var rowOffset: Int
    public var rowCount: Int

    public init(rowOffset: Int, rowCount: Int) {
      self.rowOffset = rowOffset
      self.rowCount = rowCount
    }
  }

  /// Rows of the weight matrix.
  public var rows: Int
  public var features: [Feature]
  public var hasBias: Bool
  /// A matrix of the result's type is added.
  public var hasAddend: Bool
  public var activation: EpilogueActivation?
  /// The columns that the activation applies to; nil means all.
  public var activationColumns: Range<Int>?

  public init(
    rows: Int, features: [Feature], hasBias: Bool = false, hasAddend: Bool = false,
    activation: EpilogueActivation? = nil, activationColumns: Range<Int>? = nil
  ) {
    self.rows = rows
    self.features = features
    self.hasBias = hasBias
    self.hasAddend = hasAddend
    self.activation = activation
    self.activationColumns = activationColumns
  }

  /// Which operands of `one_hot_linear` bias and addend are.
  public var biasOperand: Int? { hasBias ? 1 + features.count : nil }
  public var addendOperand: Int? { hasAddend ? 1 + features.count + (hasBias ? 1 : 0) : nil }

  func infer(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, 1 + features.count + (hasBias ? 1 : 0) + (hasAddend ? 1 : 0))
    let weight = operands[0]
    guard weight.dtype == .f32, weight.shape.rank == 2, weight.shape[0] == .fixed(rows),
      let width = weight.shape[1].fixedSize
    else { throw TypeError.operand(op, 0, weight, expected: "f32[\(rows), *]") }
    let result = TensorType(.f32, [try checkIDs(op, operands, first: 1), weight.shape[1]])
    if let place = biasOperand, operands[place] != TensorType(.f32, [weight.shape[1]]) {
      throw TypeError.operand(op, place, operands[place], expected: "f32[\(weight.shape[1])]")
    }
    if let place = addendOperand, operands[place] != result {
      throw TypeError.operand(op, place, operands[place], expected: "\(result)")
    }
    if let columns = activationColumns {
      guard activation != nil, !columns.isEmpty, columns.lowerBound >= 0,
        columns.upperBound <= width
      else { throw TypeError(op: op, "activation columns \(columns) are not columns of \(result)") }
    }
    return [result]
  }

  func inferGradient(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, features.count + 1)
    let batch = try checkIDs(op, operands, first: 0)
    let g = operands[features.count]
    guard g.dtype == .f32, g.shape.rank == 2, g.shape[0] == batch, g.shape[1].fixedSize != nil
    else { throw TypeError.operand(op, features.count, g, expected: "f32[\(batch), *]") }
    return [TensorType(.f32, [.fixed(rows), g.shape[1]])]
  }

  private func checkIDs(_ op: String, _ operands: [TensorType], first: Int) throws -> Dimension {
    guard rows >= 1, let batch = features.isEmpty ? nil : operands[first].shape.dimensions.first
    else { throw TypeError(op: op, "needs a feature and ids") }
    var end = 0
    for feature in features.sorted(by: { $0.rowOffset < $1.rowOffset }) {
      guard feature.rowOffset >= end, feature.rowCount >= 1, feature.rowCount <= rows,
        feature.rowOffset <= rows - feature.rowCount
      else { throw TypeError(op: op, "the rows of the features overlap, or are not \(rows) rows") }
      end = feature.rowOffset + feature.rowCount
    }
    for place in first..<first + features.count
    where operands[place] != TensorType(.i32, [batch]) {
      throw TypeError.operand(op, place, operands[place], expected: "i32[\(batch)]")
    }
    return batch
  }

  // MARK: Meaning

  /// The activation's columns, as `LinearForm` applies it.
  var epilogue: LinearForm {
    LinearForm(activation: activation, activationColumns: activationColumns)
  }

  func expand<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> E.Tensor {
    var terms: [E.Tensor] = []
    for (index, feature) in features.enumerated() {
      let rows = try emitter.slice(
        operands[0], axis: 0, feature.rowOffset..<feature.rowOffset + feature.rowCount)
      terms.append(try emitter.gather(rows, operands[1 + index]))
    }
    for place in [biasOperand, addendOperand] {
      if let place { terms.append(operands[place]) }
    }
    var sum = terms[0]
    for term in terms.dropFirst() { sum = try emitter.add(sum, term) }
    guard let activation else { return sum }
    return try epilogue.onColumns(emitter, [sum]) { try activation.apply(emitter, $0[0]) }
  }

  func expandGradient<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> E.Tensor {
    let g = operands[features.count]
    var parts: [Int: E.Tensor] = [:]
    for (index, feature) in features.enumerated() {
      parts[feature.rowOffset] = try emitter.scatterAdd(
        operands[index], g, rows: feature.rowCount)
    }
    let type = TensorType(.f32, [.fixed(rows), emitter.shape(of: g)[1]])
    return try emitter.assemble(parts, axis: 0, of: type)
  }
}
