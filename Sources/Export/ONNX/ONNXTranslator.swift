import GraphIR
import Plan
import Schema
import TensorTypes

/// Translates a prediction graph as its model emits it, op by op, into the nodes of an ONNX graph.
///
/// Ids are int64 there, and one column of the feed `ids` is a value of its own.
struct ONNXTranslator {
  let graph: Graph
  private let parameters: [String: ParameterRecord]
  private let weights: [Float]
  let feeds: ONNXFeeds
  var builder: ONNXBuilder

  /// Where a value of the graph is.
  private enum Place {
    case value(String)
    /// The whole feed `ids`, which is not one value.
    case ids
    /// A column of it, of whatever shape.
    case idColumn(Int)
  }
  private var places: [ValueID: Place] = [:]
  /// The layer that a value belongs to.
  private var scopes: [ValueID: String] = [:]

  /// - Parameter plan: It is trained and has the parameters of the graph.
  init(_ graph: Graph, _ plan: Plan, _ feeds: ONNXFeeds, _ builder: ONNXBuilder) {
    self.graph = graph
    parameters = Dictionary(plan.parameters.map { ($0.name, $0) }) { first, _ in first }
    weights = plan.weights ?? []
    self.feeds = feeds
    self.builder = builder
  }

  /// Translates all nodes that an output needs.
  mutating func translate() throws {
    let isLive = graph.liveNodes()
    for (node, isLive) in zip(graph.nodes, isLive) where isLive {
      guard let result = node.results.first else { throw unsupported(node.op) }
      builder.scope = scope(of: node)
      scopes[result] = builder.scope
      places[result] = try translate(node, result)
    }
    builder.scope = ""
  }

  /// The name of a value that was translated.
  func name(_ value: ValueID) throws -> String {
    guard case .value(let name)? = places[value] else {
      throw ExportError("the prediction graph reads its ids in a way that has no form in ONNX")
    }
    return name
  }

  /// The layer of the parameter that a node reads, or what the layers of its operands have in common.
  private func scope(of node: Graph.Node) -> String {
    if case .source(.parameter(let id, _)) = node.op {
      return String(layerName(id.name).dropFirst().dropLast())
    }
    for operand in node.operands {
      if case .source(.parameter) = graph.producer(of: operand).op, let own = scopes[operand] {
        return own
      }
    }
    let own = node.operands.compactMap { operand -> [Substring]? in
      if case .source(.constant) = graph.producer(of: operand).op { return nil }
      return scopes[operand]?.split(separator: ".")
    }
    guard var common = own.first else { return "" }
    for other in own.dropFirst() {
      common = zip(common, other).prefix { $0 == $1 }.map(\.0)
    }
    return common.joined(separator: ".")
  }

  private mutating func translate(_ node: Graph.Node, _ result: ValueID) throws -> Place {
    if let ids = idPlace(node) { return ids }
    let x = try node.operands.map { try name($0) }
    let type = graph.type(of: result)
    switch node.op {
    case .source(let op): return try source(op, type)
    case .elementwise(let op): return .value(elementwise(op, x))
    case .layout(let op):
      return .value(layout(op, x, from: node.operands.first.map(graph.type(of:)) ?? type))
    case .reduction(let op): return .value(reduction(op, x))
    case .matrix(let op):
      return .value(try matrix(op, x, by: graph.type(of: node.operands[1]).shape))
    case .lookup(let op): return .value(try lookup(op, node, x))
    case .convolution, .group, .fused, .effect: throw unsupported(node.op)
    }
  }

  private func unsupported(_ op: Op) -> ExportError {
    ExportError("the prediction graph has the op \(op.mnemonic), which the export to ONNX lacks")
  }

  /// The feed `ids`, a column of it, or a column in another shape.
  private func idPlace(_ node: Graph.Node) -> Place? {
    if case .source(.input(let id, _)) = node.op, id.name == FeedLayout.ids { return .ids }
    guard let operand = node.operands.first, let place = places[operand] else { return nil }
    switch (place, node.op) {
    case (.ids, .layout(.slice(axis: 1, start: let start, end: let end))) where end == start + 1:
      return .idColumn(start)
    case (.idColumn(let column), .layout(.reshape([.batch])))
    where feeds.ids.indices.contains(column):
      return .value(feeds.ids[column])
    default: return nil
    }
  }

  // MARK: Families of ops

  private mutating func source(_ op: SourceOp, _ type: TensorType) throws -> Place {
    switch op {
    case .input(let id, _):
      guard let name = feeds.tensors[id.name] else {
        throw ExportError("the prediction graph reads the feed \(id.name), which no feature fills")
      }
      return .value(name)
    case .parameter(let id, _):
      guard let record = parameters[id.name] else { throw unsupported(.source(op)) }
      let values = record.values(in: weights)
      return .value(builder.tensor(id.name, type.shape.sizes(batch: 0), .floats(values)))
    case .constant(let number, _):
      guard type.dtype == .f32 else { throw unsupported(.source(op)) }
      let scalar = builder.floats([Float(number)])
      if type.shape.isScalar { return .value(scalar) }
      return .value(expand(scalar, to: type.shape, operandHasBatch: false))
    case .batchSize:
      let rows = builder.node("Squeeze", [builder.rowCount(), builder.integers([0])])
      return .value(builder.cast(rows, to: .float))
    case .random: throw unsupported(.source(op))
    }
  }

  private mutating func elementwise(_ op: ElementwiseOp, _ x: [String]) -> String {
    switch op {
    case .unary(let function): return builder.formula(function.formula, x[0])
    case .binary(let kind):
      let operation =
        switch kind {
        case .add: "Add"
        case .sub: "Sub"
        case .mul: "Mul"
        case .div: "Div"
        case .max: "Max"
        case .min: "Min"
        }
      return builder.node(operation, x)
    case .compare(let kind):
      switch kind {
      case .equal: return builder.node("Equal", x)
      case .notEqual: return builder.node("Not", [builder.node("Equal", x)])
      case .less: return builder.node("Less", x)
      case .lessEqual: return builder.node("LessOrEqual", x)
      case .greater: return builder.node("Greater", x)
      case .greaterEqual: return builder.node("GreaterOrEqual", x)
      }
    case .select: return builder.node("Where", x)
    case .convertToFloat: return builder.cast(x[0], to: .float)
    case .isPresent: return isPresent(x[0])
    case .stopGradient: return x[0]
    }
  }

  private mutating func isPresent(_ ids: String) -> String {
    builder.node("GreaterOrEqual", [ids, builder.integers([0], [])])
  }

  private mutating func layout(_ op: LayoutOp, _ x: [String], from type: TensorType) -> String {
    switch op {
    case .reshape(let shape):
      let sizes = shape.dimensions.map { $0.fixedSize ?? -1 }
      return builder.node("Reshape", [x[0], builder.integers(sizes)])
    case .broadcast(let shape):
      return expand(x[0], to: shape, operandHasBatch: type.shape.hasBatch)
    case .transpose(let permutation):
      return builder.node("Transpose", x, [("perm", .integers(permutation))])
    case .concat(let axis): return builder.node("Concat", x, [("axis", .integer(axis))])
    case .slice(let axis, let start, let end):
      return builder.node(
        "Slice", [x[0]] + [start, end, axis].map { builder.integers([$0]) })
    case .pad(let axis, let before, let after):
      var pads = [Int](repeating: 0, count: 2 * type.shape.rank)
      pads[axis] = before
      pads[type.shape.rank + axis] = after
      return builder.node("Pad", [x[0], builder.integers(pads)])
    }
  }

  /// `Expand` stretches axes of size 1 and adds leading ones; 1 in its shape leaves an axis as it is.
  private mutating func expand(
    _ x: String, to shape: Shape, operandHasBatch: Bool
  ) -> String {
    guard let batch = shape.batchAxis, !operandHasBatch else {
      return builder.node(
        "Expand", [x, builder.integers(shape.dimensions.map { $0.fixedSize ?? 1 })])
    }
    let times = shape[batch].fixedFactor
    let rows =
      times == 1
      ? builder.rowCount() : builder.node("Mul", [builder.rowCount(), builder.integers([times])])
    let before = shape.dimensions[..<batch].compactMap(\.fixedSize)
    let after = shape.dimensions[(batch + 1)...].compactMap(\.fixedSize)
    let parts =
      (before.isEmpty ? [] : [builder.integers(before)]) + [rows]
      + (after.isEmpty ? [] : [builder.integers(after)])
    let sizes =
      parts.count == 1 ? parts[0] : builder.node("Concat", parts, [("axis", .integer(0))])
    return builder.node("Expand", [x, sizes])
  }

  private mutating func reduction(_ op: ReductionOp, _ x: [String]) -> String {
    switch op {
    case .reduce(let kind, let axes, let keepAxes):
      if axes.isEmpty { return x[0] }
      let keeps = (name: "keepdims", value: ONNXAttribute.integer(keepAxes ? 1 : 0))
      switch kind {
      // In opset 17 the axes are an operand of the one, an attribute of the others.
      case .sum: return builder.node("ReduceSum", [x[0], builder.integers(axes)], [keeps])
      case .max: return builder.node("ReduceMax", x, [("axes", .integers(axes)), keeps])
      case .min: return builder.node("ReduceMin", x, [("axes", .integers(axes)), keeps])
      }
    case .softmax: return builder.node("Softmax", x, [("axis", .integer(-1))])
    }
  }

  private mutating func matrix(
    _ op: MatrixOp, _ x: [String], by factor: Shape
  ) throws -> String {
    switch op {
    case .matmul(let transposeA, let transposeB):
      let factors = zip(x, [transposeA, transposeB]).map { factor, isTransposed in
        isTransposed
          ? builder.node("Transpose", [factor], [("perm", .integers([1, 0]))]) : factor
      }
      return builder.node("MatMul", factors)
    case .linear(let form):
      // Products of blocks of columns, [B, G·K] by [G, K, N].
      guard form == LinearForm(groups: form.groups), factor.rank == 3 else {
        throw unsupported(.matrix(op))
      }
      let (groups, inner) = (form.groups, factor[1].fixedFactor)
      let blocks = builder.node("Reshape", [x[0], builder.integers([-1, groups, 1, inner])])
      let product = builder.node("MatMul", [blocks, x[1]])
      return builder.node(
        "Reshape", [product, builder.integers([-1, groups * factor[2].fixedFactor])])
    }
  }

  private mutating func lookup(_ op: LookupOp, _ node: Graph.Node, _ x: [String]) throws -> String {
    switch op {
    case .gather:
      let rows = builder.node("Gather", x, [("axis", .integer(0))])
      // Only sequences are padded; −1 counts from the end of the table.
      guard graph.type(of: node.operands[1]).shape.rank > 1 else { return rows }
      let present = builder.unsqueeze(isPresent(x[1]), axis: -1)
      return builder.node("Where", [present, rows, builder.floats([0])])
    case .oneHot(let depth):
      return builder.node(
        "OneHot", [x[0], builder.integers([depth], []), builder.floats([0, 1], [2])],
        [("axis", .integer(-1))])
    case .scatterAdd: throw unsupported(.lookup(op))
    }
  }
}
