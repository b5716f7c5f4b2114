import TensorTypes

/// How gates pick experts. Experts are blocks of `width` columns of one matrix, which holds the
/// logits of the gates too.
public struct MixtureForm: Sendable, Hashable {
  public struct Gate: Sendable, Hashable {
    /// Indices of the experts it mixes, none twice.
    public var experts: [Int]
    /// The first column of its logits, one for each of its experts.
    public var logitColumn: Int

    public init(experts: [Int], logitColumn: Int) {
      self.experts = experts
      self.logitColumn = logitColumn
    }

    public var logitColumns: Range<Int> { logitColumn..<logitColumn + experts.count }
  }

  /// Columns of an expert, and of each gate's output.
  public var width: Int
  /// The first column of each expert.
  public var expertColumns: [Int]
  /// Outputs and weights lie in this order.
  public var gates: [Gate]

  public init(width: Int, expertColumns: [Int], gates: [Gate]) {
    self.width = width
    self.expertColumns = expertColumns
    self.gates = gates
  }

  /// Columns of the matrix of gate weights.
  public var weightColumns: Int { gates.reduce(0) { $0 + $1.experts.count } }

  /// All columns that experts or logits take, rising.
  var columns: [Range<Int>] {
    (expertColumns.map { $0..<$0 + width } + gates.map(\.logitColumns))
      .sorted { $0.lowerBound < $1.lowerBound }
  }

  /// Whether every column of a matrix of that many is an expert's or a logit.
  public func covers(columns count: Int) -> Bool {
    columns.reduce(0) { $0 + $1.count } == count
  }

  func infer(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, 1)
    let rows = try check(op, operands[0])
    return [
      TensorType(.f32, [rows, .fixed(gates.count * width)]),
      TensorType(.f32, [rows, .fixed(weightColumns)]),
    ]
  }

  func inferGradient(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, 3)
    let rows = try check(op, operands[0])
    for (place, columns) in [(1, weightColumns), (2, gates.count * width)] {
      let expected = TensorType(.f32, [rows, .fixed(columns)])
      guard operands[place] == expected else {
        throw TypeError.operand(op, place, operands[place], expected: "\(expected)")
      }
    }
    return [operands[0]]
  }

  /// Checks the form against the matrix; answers the matrix's rows.
  private func check(_ op: String, _ matrix: TensorType) throws -> Dimension {
    guard matrix.dtype == .f32, matrix.shape.rank == 2, let count = matrix.shape[1].fixedSize
    else { throw TypeError.operand(op, 0, matrix, expected: "a matrix f32[*, *]") }
    guard width >= 1, width <= count, !gates.isEmpty else {
      throw TypeError(op: op, "needs a width of at least 1, and a gate")
    }
    for gate in gates {
      guard !gate.experts.isEmpty, Set(gate.experts).count == gate.experts.count,
        gate.experts.allSatisfy(expertColumns.indices.contains)
      else {
        throw TypeError(op: op, "\(gate.experts) are not \(expertColumns.count) experts' indices")
      }
    }
    let starts = expertColumns + gates.map(\.logitColumn)
    guard starts.allSatisfy({ $0 >= 0 && $0 < count }) else {
      throw TypeError(op: op, "experts and logits are not columns of \(matrix)")
    }
    var end = 0
    for range in columns {
      guard range.lowerBound >= end, range.upperBound <= count else {
        throw TypeError(op: op, "columns \(range) overlap others, or are not columns of \(matrix)")
      }
      end = range.upperBound
    }
    return matrix.shape[0]
  }

  // MARK: Meaning

  private func expert<E: Emitter>(_ emitter: E, _ matrix: E.Tensor, _ index: Int) throws -> E.Tensor
  {
    try emitter.slice(matrix, axis: 1, expertColumns[index]..<expertColumns[index] + width)
  }

  /// One column, f32[B, 1].
  private func column<E: Emitter>(_ emitter: E, _ x: E.Tensor, _ index: Int) throws -> E.Tensor {
    try emitter.slice(x, axis: 1, index..<index + 1)
  }

  func expand<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> [E.Tensor] {
    let matrix = operands[0]
    var outputs: [E.Tensor] = []
    var weights: [E.Tensor] = []
    for gate in gates {
      let weight = try emitter.softmax(emitter.slice(matrix, axis: 1, gate.logitColumns))
      weights.append(weight)
      var sum: E.Tensor?
      for (place, index) in gate.experts.enumerated() {
        let term = try emitter.mul(
          expert(emitter, matrix, index), column(emitter, weight, place))
        sum = try sum.map { try emitter.add($0, term) } ?? term
      }
      if let sum { outputs.append(sum) }
    }
    return [try emitter.concat(outputs, axis: 1), try emitter.concat(weights, axis: 1)]
  }

  func expandGradient<E: Emitter>(
    _ emitter: E, _ operands: [E.Tensor], _ activation: Activation?
  ) throws -> E.Tensor {
    let (matrix, weights, g) = (operands[0], operands[1], operands[2])
    var parts: [Int: E.Tensor] = [:]
    var start = 0
    for (position, gate) in gates.enumerated() {
      let weight = try emitter.slice(weights, axis: 1, start..<start + gate.experts.count)
      start += gate.experts.count
      let cotangent = try emitter.slice(g, axis: 1, position * width..<(position + 1) * width)
      var dots: [E.Tensor] = []
      for (place, index) in gate.experts.enumerated() {
        let values = try expert(emitter, matrix, index)
        dots.append(try emitter.sum(emitter.mul(cotangent, values), axes: [1], keepAxes: true))
        let term = try emitter.mul(cotangent, column(emitter, weight, place))
        let known = parts[expertColumns[index]]
        parts[expertColumns[index]] = try known.map { try emitter.add($0, term) } ?? term
      }
      let dot = try emitter.concat(dots, axis: 1)
      let mean = try emitter.sum(emitter.mul(dot, weight), axes: [1], keepAxes: true)
      parts[gate.logitColumn] = try emitter.mul(weight, emitter.sub(dot, mean))
    }
    if let activation {
      for (index, column) in expertColumns.enumerated() {
        guard let part = parts[column] else { continue }
        let slope = try activation.derivative(emitter, expert(emitter, matrix, index))
        parts[column] = try emitter.mul(part, slope)
      }
    }
    return try emitter.assemble(parts, axis: 1, of: emitter.type(of: matrix))
  }
}

extension Emitter {
  /// A tensor of this type with the parts along an axis at the places that they are listed under,
  /// and zeros elsewhere.
  func assemble(_ parts: [Int: Tensor], axis: Int, of type: TensorType) throws -> Tensor {
    var pieces: [Tensor] = []
    var end = 0
    func fill(to start: Int) throws {
      guard start > end else { return }
      var gap = type
      gap.shape.dimensions[axis] = .fixed(start - end)
      pieces.append(try constant(0, gap))
    }
    for (start, part) in parts.sorted(by: { $0.key < $1.key }) {
      try fill(to: start)
      pieces.append(part)
      end = start + shape(of: part)[axis].size(batch: 1)
    }
    try fill(to: type.shape[axis].size(batch: 1))
    return try concat(pieces, axis: axis)
  }
}
