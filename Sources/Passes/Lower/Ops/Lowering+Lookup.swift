import GraphIR
import Plan
import TensorTypes

extension Lowering {
  mutating func lower(_ op: LookupOp, _ node: Graph.Node) throws {
    switch op {
    case .gather:
      let table = try operand(node, 0)
      let ids = try ids(try operand(node, 1))
      guard let value = node.results.first else { return }
      let tableView = try Views.matrix(view(table), shape(table)) ?? matrixCopy(table)
      try writeMatrix(try result(node), graph.type(of: value)) { output in
        .gather(
          GatherInstruction(
            features: [.init(table: tableView, ids: ids, pooling: .concat, column: 0)],
            matrix: output))
      }
    case .scatterAdd:
      let ids = try ids(try operand(node, 0))
      let updates = try operand(node, 1)
      guard let value = node.results.first else { return }
      let matrix = try Views.matrix(view(updates), shape(updates)) ?? matrixCopy(updates)
      let target = try result(node)
      let type = graph.type(of: value)
      let sums =
        Views.matrix(target, type.shape) == nil
        ? try placement.table.temporary(type, label: "\(value) sums") : target
      guard let table = Views.matrix(sums, type.shape) else { return }
      emit(.fill(sums, 0))
      emit(
        .scatterAdd(
          ScatterAddInstruction(
            features: [.init(table: table, ids: ids, pooling: .concat, column: 0)],
            matrix: matrix)))
      try copy(sums, to: target, shape: type.shape)
    case .oneHot:
      let ids = try ids(try operand(node, 0))
      guard let value = node.results.first else { return }
      try writeMatrix(try result(node), graph.type(of: value)) { output in
        .oneHot(OneHotInstruction(ids: ids, output: output))
      }
    }
  }

  /// Ids as a matrix [rows, 1], one id for each row of what they pick.
  mutating func ids(_ value: ValueID) throws -> View {
    let shape = shape(value)
    let column = Shape(shape.dimensions + [1])
    var view = try view(value)
    view.extents.append(.fixed(1))
    view.strides.append(1)
    if let matrix = Views.matrix(view, column) { return matrix }
    var copied = try contiguousCopy(value)
    copied.extents.append(.fixed(1))
    copied.strides.append(1)
    guard let matrix = Views.matrix(copied, column) else {
      throw LoweringError("ids of type \(graph.type(of: value)) are not a matrix")
    }
    return matrix
  }
}
