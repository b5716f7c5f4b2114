import TensorTypes

/// How gates pick experts. Experts are blocks of `width` columns of one matrix, logits and weights
/// those of the gates side by side.
public struct MixtureForm: Sendable, Hashable {
  /// Columns of an expert, and of each gate's output.
  public var width: Int
  /// For each gate the experts it mixes, none twice; a logit for each. Outputs, logits and weights
  /// lie in the order of the gates.
  public var gates: [[Int]]

  public init(width: Int, gates: [[Int]]) {
    self.width = width
    self.gates = gates
  }

  /// Columns of logits and weights.
  public var weightColumns: Int { gates.reduce(0) { $0 + $1.count } }

  /// The columns of each gate's logits and weights.
  public var gateColumns: [Range<Int>] {
    var end = 0
    return gates.map { gate in
      defer { end += gate.count }
      return end..<end + gate.count
    }
  }

  func infer(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, 2)
    let (rows, _) = try check(op, operands[0])
    let weights = TensorType(.f32, [rows, .fixed(weightColumns)])
    try expect(op, operands, 1, weights)
    return [TensorType(.f32, [rows, .fixed(gates.count * width)]), weights]
  }

  func inferGradient(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, 3)
    let (rows, _) = try check(op, operands[0])
    let weights = TensorType(.f32, [rows, .fixed(weightColumns)])
    try expect(op, operands, 1, weights)
    try expect(op, operands, 2, TensorType(.f32, [rows, .fixed(gates.count * width)]))
    return [operands[0], weights]
  }

  private func expect(
    _ op: String, _ operands: [TensorType], _ place: Int, _ expected: TensorType
  ) throws {
    guard operands[place] != expected else { return }
    throw TypeError.operand(op, place, operands[place], expected: "\(expected)")
  }

  /// Checks the form against the experts; answers their rows and how many they are.
  private func check(_ op: String, _ experts: TensorType) throws -> (rows: Dimension, count: Int) {
    guard width >= 1, !gates.isEmpty else {
      throw TypeError(op: op, "needs a width of at least 1, and a gate")
    }
    guard experts.dtype == .f32, experts.shape.rank == 2, let columns = experts.shape[1].fixedSize,
      columns.isMultiple(of: width)
    else {
      throw TypeError.operand(op, 0, experts, expected: "a matrix of blocks of \(width) columns")
    }
    let count = columns / width
    for gate in gates {
      guard !gate.isEmpty, Set(gate).count == gate.count,
        gate.allSatisfy({ $0 >= 0 && $0 < count })
      else { throw TypeError(op: op, "\(gate) are not indices of \(count) experts") }
    }
    return (experts.shape[0], count)
  }

  // MARK: Meaning

  private func block<E: Emitter>(_ emitter: E, _ x: E.Tensor, _ index: Int) throws -> E.Tensor {
    try emitter.slice(x, axis: 1, index * width..<(index + 1) * width)
  }

  /// One column, f32[B, 1].
  private func column<E: Emitter>(_ emitter: E, _ x: E.Tensor, _ index: Int) throws -> E.Tensor {
    try emitter.slice(x, axis: 1, index..<index + 1)
  }

  func expand<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> [E.Tensor] {
    var outputs: [E.Tensor] = []
    var weights: [E.Tensor] = []
    for (gate, columns) in zip(gates, gateColumns) {
      let weight = try emitter.softmax(emitter.slice(operands[1], axis: 1, columns))
      weights.append(weight)
      var sum: E.Tensor?
      for (place, index) in gate.enumerated() {
        let term = try emitter.mul(
          block(emitter, operands[0], index), column(emitter, weight, place))
        sum = try sum.map { try emitter.add($0, term) } ?? term
      }
      if let sum { outputs.append(sum) }
    }
    return [try emitter.concat(outputs, axis: 1), try emitter.concat(weights, axis: 1)]
  }

  func expandGradient<E: Emitter>(
    _ emitter: E, _ operands: [E.Tensor], _ activation: EpilogueActivation?
  ) throws -> [E.Tensor] {
    let (experts, weights, g) = (operands[0], operands[1], operands[2])
    var parts: [Int: E.Tensor] = [:]
    var logits: [E.Tensor] = []
    for (position, (gate, columns)) in zip(gates, gateColumns).enumerated() {
      let weight = try emitter.slice(weights, axis: 1, columns)
      let cotangent = try block(emitter, g, position)
      var dots: [E.Tensor] = []
      for (place, index) in gate.enumerated() {
        let expert = try block(emitter, experts, index)
        dots.append(try emitter.sum(emitter.mul(cotangent, expert), axes: [1], keepAxes: true))
        let term = try emitter.mul(cotangent, column(emitter, weight, place))
        let known = parts[index * width]
        parts[index * width] = try known.map { try emitter.add($0, term) } ?? term
      }
      let dot = try emitter.concat(dots, axis: 1)
      let mean = try emitter.sum(emitter.mul(dot, weight), axes: [1], keepAxes: true)
      logits.append(try emitter.mul(weight, emitter.sub(dot, mean)))
    }
    var cotangent = try emitter.assemble(parts, axis: 1, of: emitter.type(of: experts))
    if let activation {
      cotangent = try emitter.mul(cotangent, activation.derivative(emitter, experts))
    }
    return [cotangent, try emitter.concat(logits, axis: 1)]
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
