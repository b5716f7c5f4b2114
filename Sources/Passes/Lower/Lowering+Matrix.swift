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
    let (a, transposeA) = try factor(try operand(node, 0), form.transposeA)
    let (b, transposeB) = try factor(try operand(node, 1), form.transposeB)
    var next = 2
    var bias: View?
    if form.hasBias {
      bias = try vector(try operand(node, next))
      next += 1
    }
    var y: View?
    if form.gradientOf != nil {
      let value = try operand(node, next)
      y = try Views.matrix(view(value), shape(value)) ?? matrixCopy(value)
    }
    guard let value = node.results.first else { return }
    try writeMatrix(try result(node), graph.type(of: value)) { output in
      .matmul(
        MatmulInstruction(
          a: a, b: b, c: output, transposeA: transposeA, transposeB: transposeB, bias: bias,
          activation: form.activation.map(Self.activation),
          gradientOf: form.gradientOf.map(Self.activation), y: y))
    }
  }

  static func activation(_ activation: Activation) -> MatmulInstruction.Activation {
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
