import GraphIR
import Plan
import TensorTypes

extension Lowering {
  mutating func lower(_ op: MatrixOp, _ node: Graph.Node) throws {
    let form: LinearForm
    switch op {
    case .matmul(let transposeA, let transposeB):
      form = LinearForm(transposeA: transposeA, transposeB: transposeB)
    case .linear(let linear): form = linear
    }
    guard let value = node.results.first else { return }
    let groups = form.groups
    let isWeightGradient = groups > 1 && form.transposeA
    let (a, transposeA) =
      try groups > 1
      ? (Self.blocks(matrix(try operand(node, 0)), groups), form.transposeA)
      : factor(try operand(node, 0), form.transposeA)
    let (b, transposeB) =
      try groups > 1
      ? (
        isWeightGradient
          ? Self.blocks(matrix(try operand(node, 1)), groups) : stack(try operand(node, 1)),
        form.transposeB
      )
      : factor(try operand(node, 1), form.transposeB)
    let bias = try form.biasOperand.map { try vector(try operand(node, $0)) }
    let y = try form.outputOperand.map { try Self.blocks(matrix(try operand(node, $0)), groups) }
    let addend = try form.addendOperand.map { try operand(node, $0) }
    func product(_ output: View, adding other: View? = nil) -> Instruction {
      .matmul(
        MatmulInstruction(
          a: a, b: b, c: isWeightGradient ? output : Self.blocks(output, groups), groups: groups,
          transposeA: transposeA, transposeB: transposeB, accumulate: addend != nil && other == nil,
          bias: bias.map { groups > 1 ? Self.rows($0, groups) : $0 },
          activation: form.activation.map(Self.activation),
          gradientOf: form.gradientOf.map(Self.activation), y: y,
          activationColumns: form.activationColumns,
          addend: other.map { Self.blocks($0, groups) }))
    }
    var target = try result(node)
    // The stride of an axis of size 1 is free.
    if isWeightGradient, shape(value)[2] == 1 { target.strides[2] = 1 }
    if isWeightGradient, target.strides[2] == 1, target.strides[1] > 0 {
      emit(product(target))
      return
    }
    if let addend, let output = Views.matrix(target, shape(value)) {
      let other = constant(addend) == nil ? try Views.matrix(view(addend), shape(addend)) : nil
      if let other, other.buffer != output.buffer || other.offset != output.offset {
        emit(product(output, adding: other))
      } else {
        try store(addend, to: target)
        emit(product(output))
      }
      return
    }
    guard isWeightGradient || addend != nil else {
      return try writeMatrix(target, graph.type(of: value)) { product($0) }
    }
    let temporary = try placement.table.temporary(graph.type(of: value), label: "product")
    if let addend { try store(addend, to: temporary) }
    emit(product(temporary))
    try copy(temporary, to: target, shape: shape(value))
  }

  /// A value as a matrix with contiguous rows.
  mutating func matrix(_ value: ValueID) throws -> View {
    try Views.matrix(view(value), shape(value)) ?? matrixCopy(value)
  }

  /// [G, K, N] with contiguous rows.
  private mutating func stack(_ value: ValueID) throws -> View {
    let view = try view(value)
    return view.strides[2] == 1 || shape(value)[2] == 1 ? view : try contiguousCopy(value)
  }

  /// The blocks of columns of a matrix, group first; the matrix itself for one group.
  private static func blocks(_ matrix: View, _ groups: Int) -> View {
    guard groups > 1, case .fixed(let columns) = matrix.extents[1] else { return matrix }
    var result = matrix
    result.extents = [.fixed(groups), matrix.extents[0], .fixed(columns / groups)]
    result.strides = [columns / groups * matrix.strides[1], matrix.strides[0], matrix.strides[1]]
    return result
  }

  /// The blocks of a vector.
  private static func rows(_ vector: View, _ groups: Int) -> View {
    guard case .fixed(let count) = vector.extents[0] else { return vector }
    var result = vector
    result.extents = [.fixed(groups), .fixed(count / groups)]
    result.strides = [count / groups, 1]
    return result
  }

  static func activation(_ activation: EpilogueActivation) -> MatmulInstruction.Activation {
    switch activation {
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    }
  }

  /// A matrix factor with contiguous rows, transposed where its view is.
  private mutating func factor(
    _ value: ValueID, _ transpose: Bool
  ) throws -> (View, transpose: Bool) {
    let view = try view(value)
    let shape = shape(value)
    let columns = shape[1]
    let rows = shape[0]
    if columns == 1 || view.strides[1] == 1, rows == 1 || view.strides[0] > 0 {
      return (rowMajor(view, rows: rows, columns: columns), transpose)
    }
    if view.strides[0] == 1, view.strides[1] > 0 {
      return (rowMajor(Views.transpose(view, [1, 0]), rows: columns, columns: rows), !transpose)
    }
    return (try contiguousCopy(value), transpose)
  }

  private func rowMajor(_ view: View, rows: Dimension, columns: Dimension) -> View {
    var result = view
    result.strides[1] = 1
    if rows == 1 {
      result.strides[0] = columns.size(batch: placement.table.capacity)
    }
    return result
  }

  /// A contiguous vector.
  mutating func vector(_ value: ValueID) throws -> View {
    let view = try view(value)
    return view.strides == [1] || shape(value)[0] == 1 ? view : try contiguousCopy(value)
  }
}
