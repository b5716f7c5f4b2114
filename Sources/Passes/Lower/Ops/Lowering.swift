import GraphIR
import Plan
import TensorTypes

/// Turns a graph into the instructions of a program, in the order of the nodes; scheduling and
/// memory planning follow.
struct Lowering {
  let graph: Graph
  let layout: ParameterLayout
  var placement: Placement
  private(set) var instructions: [Instruction] = []
  /// What replaces parameters: it stands behind everything that still reads their old values, the
  /// copies of fetches included.
  private(set) var assignments: [Instruction] = []
  private var constants: [ValueID: View] = [:]
  /// Gathers that searches for maxima make on the way.
  let maxima: [ValueID: ValueID]

  init(graph: Graph, layout: ParameterLayout, capacity: Int) throws {
    self.graph = graph
    self.layout = layout
    placement = try Placement(graph: graph, layout: layout, capacity: capacity)
    maxima = Self.maxima(graph, placement)
    for index in graph.nodes.indices { try lower(NodeID(index)) }
  }

  mutating func emit(_ instruction: Instruction) { instructions.append(instruction) }

  func shape(_ value: ValueID) -> Shape { graph.type(of: value).shape }

  // MARK: - Nodes

  private mutating func lower(_ id: NodeID) throws {
    let node = graph[id]
    switch node.op {
    case .source(let op): try lower(op, node)
    case .elementwise(let op): try lower(op, node)
    case .layout(let op): try lower(op, node)
    case .reduction(let op): try lower(op, node)
    case .matrix(let op): try lower(op, node)
    case .lookup(let op): try lower(op, node)
    case .convolution(let op): try lower(op, node)
    case .group(let op): try lower(op, node)
    case .fused(let op): try lower(op, node)
    case .effect(let op): try lower(op, node)
    }
    for copy in placement.copies[id] ?? [] {
      try store(copy.from, to: copy.to)
    }
  }

  private mutating func lower(_ op: SourceOp, _ node: Graph.Node) throws {
    switch op {
    case .input, .parameter, .constant: return
    case .batchSize: emit(.batchSize(BatchSizeInstruction(view: try result(node))))
    case .random(let stream, let shape):
      let random = RandomInstruction(output: try result(node), stream: stream)
      if random.row != nil { return emit(.random(random)) }
      let type = TensorType(.f32, shape)
      let values = try placement.table.temporary(type, label: "random")
      emit(.random(RandomInstruction(output: values, stream: stream)))
      try copy(values, to: random.output, shape: shape)
    }
  }

  private mutating func lower(_ op: LayoutOp, _ node: Graph.Node) throws {
    switch op {
    case .concat: return  // parts are computed in place, or copied behind this node
    case .pad(let axis, let before, let after):
      let target = try result(node)
      let size = shape(try operand(node, 0))[axis].fixedSize ?? 0
      if before > 0 { emit(.fill(Views.slice(target, axis: axis, start: 0, end: before), 0)) }
      if after > 0 {
        let start = before + size
        emit(.fill(Views.slice(target, axis: axis, start: start, end: start + after), 0))
      }
      try store(
        try operand(node, 0),
        to: Views.slice(target, axis: axis, start: before, end: before + size))
    case .reshape, .broadcast, .transpose, .slice:
      try materialize(op, node)
    }
  }

  /// A layout op that its operand's strides cannot express, or whose operand is a constant.
  private mutating func materialize(_ op: LayoutOp, _ node: Graph.Node) throws {
    let source = try operand(node, 0)
    let target = try result(node)
    if let value = constant(source) {
      emit(.fill(target, Float(value)))
      return
    }
    let from = try view(source)
    // The operand's strides say it all already: `target` is that view.
    if from.buffer == target.buffer { return }
    guard case .reshape(let to) = op else {
      throw LoweringError("\(op.mnemonic) of \(graph.type(of: source)) has no view")
    }
    // A contiguous copy in the operand's shape can be looked at in the other shape.
    guard let back = Views.reshape(target, from: to, to: shape(source)) else {
      throw LoweringError("reshape of \(graph.type(of: source)) to \(to) mixes the batch axis")
    }
    try copy(from, to: back, shape: shape(source))
  }

  private mutating func lower(_ op: EffectOp, _ node: Graph.Node) throws {
    switch op {
    case .update: return  // the optimizer reads the gradient block
    case .assign(let id, let type):
      guard let record = layout[id] else { throw LoweringError("\(id) has no place") }
      let target = placement.table.parameter(record, type.shape, layout: layout)
      let value = try operand(node, 0)
      // A constant needs no place in between; all else is computed where it stands in the graph.
      let source = constant(value) == nil ? try view(value) : nil
      let start = instructions.count
      if let source, placement.table.space(source) != .arena {
        // The value is another parameter, or a feed, as it is now.
        try copy(contiguousCopy(value), to: target, shape: shape(value))
        assignments.append(instructions.removeLast())
      } else {
        try store(value, to: target)
        for instruction in instructions[start...] { assign(instruction) }
        instructions.removeSubrange(start...)
      }
    }
  }

  /// Adds an assignment; a copy that goes on where the one before it ends becomes a part of that:
  /// parameters that lie side by side are assigned together.
  private mutating func assign(_ instruction: Instruction) {
    if case .elementwise(let next) = instruction, case .elementwise(let last) = assignments.last,
      let both = last.joined(with: next)
    {
      assignments[assignments.count - 1] = .elementwise(both)
    } else {
      assignments.append(instruction)
    }
  }

  // MARK: - Values

  func operand(_ node: Graph.Node, _ index: Int) throws -> ValueID {
    guard node.operands.indices.contains(index) else {
      throw LoweringError("\(node.op.mnemonic) lacks operand \(index)")
    }
    return node.operands[index]
  }

  func result(_ node: Graph.Node, _ index: Int = 0) throws -> View {
    guard node.results.indices.contains(index), let view = placement[node.results[index]] else {
      throw LoweringError("\(node.op.mnemonic) has no place for result \(index)")
    }
    return view
  }

  /// The number that every element of the value is, if that is known.
  func constant(_ value: ValueID) -> Double? {
    let node = graph.producer(of: value)
    switch node.op {
    case .source(.constant(let number, _)): return number
    case .layout(.reshape), .layout(.broadcast), .elementwise(.stopGradient):
      return node.operands.first.flatMap { constant($0) }
    default: return nil
    }
  }

  /// Where a value is. Constants are written to memory the first time somebody asks.
  mutating func view(_ value: ValueID) throws -> View {
    if let view = placement[value] { return view }
    if let view = constants[value] { return view }
    guard let number = constant(value) else { throw LoweringError("\(value) has no place") }
    let type = graph.type(of: value)
    let view = try placement.table.temporary(type, label: "\(value) constant")
    emit(.fill(view, Float(number)))
    constants[value] = view
    return view
  }

  mutating func store(_ value: ValueID, to target: View) throws {
    if let number = constant(value) {
      emit(.fill(target, Float(number)))
    } else {
      try copy(try view(value), to: target, shape: shape(value))
    }
  }

  mutating func copy(_ source: View, to target: View, shape: Shape) throws {
    if source == target { return }
    let nest = try LoopNest(shape: shape, views: [source, target])
    // The same place, but for the strides of axes of size 1.
    if nest.view(0, of: source) == nest.view(1, of: target) { return }
    emit(
      .elementwise(
        ElementwiseInstruction(
          extents: nest.extents,
          views: [nest.view(0, of: source), nest.view(1, of: target)],
          steps: ElementwiseInstruction.copySteps)))
  }

  /// A fresh contiguous copy of a value.
  mutating func contiguousCopy(_ value: ValueID) throws -> View {
    let target = try placement.table.temporary(graph.type(of: value), label: "\(value) copy")
    try store(value, to: target)
    return target
  }
}
