import GraphIR
import Plan
import TensorTypes

/// Decides where every value of a graph lives, so that layout ops cost nothing where strides can
/// express them: slices, reshapes, transposes and broadcasts are other views of their operand; the
/// parts of a concatenation are computed where it needs them; gradients are computed where the
/// optimizer reads them.
struct Placement {
  let graph: Graph
  let layout: ParameterLayout
  var table: StorageTable
  /// By value; nil for constants, which are immediates until somebody needs them in memory.
  private(set) var views: [View?]
  /// Copies that a concatenation or update still needs: (from, to).
  private(set) var copies: [NodeID: [(from: ValueID, to: View)]] = [:]
  private var requests: [ValueID: View] = [:]
  private let uses: GraphUses
  /// What `updatedElements` has found, by value.
  private var updated: [ValueID: Int] = [:]

  init(graph: Graph, layout: ParameterLayout, capacity: Int) throws {
    self.graph = graph
    self.layout = layout
    table = StorageTable(capacity: capacity)
    views = Array(repeating: nil, count: graph.values.count)
    uses = GraphUses(graph)
    try assignParameters()
    try request()
    try assign()
  }

  subscript(value: ValueID) -> View? { views[value.index] }

  /// Whether a node reads a value, or a run hands it out.
  func isRead(_ value: ValueID) -> Bool { uses.count(of: value) > 0 }

  // MARK: - Parameters, and what only looks at them

  private mutating func assignParameters() throws {
    for node in graph.nodes {
      switch node.op {
      case .source(.parameter), .layout(.reshape), .layout(.slice), .layout(.concat):
        if let result = node.results.first { views[result.index] = try aliasView(node) }
      case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group,
        .fused,
        .effect:
        continue
      }
    }
  }

  // MARK: - Requests, from the results back

  private mutating func request() throws {
    for node in graph.nodes.reversed() {
      switch node.op {
      case .effect(.update(let id, let type)):
        guard let record = layout[id], let operand = node.operands.first else { continue }
        request(operand, at: table.gradient(record, type.shape, layout: layout))
      case .layout(.concat(let axis)):
        guard let result = node.results.first else { continue }
        let target: View
        if let requested = requests[result] {
          target = requested
        } else if views[result.index] != nil {
          continue
        } else {
          target = try table.temporary(graph.type(of: result), label: "\(result)")
          requests[result] = target
        }
        for (operand, part) in parts(of: node, axis: axis, target: target) {
          request(operand, at: part)
        }
      case .matrix(.linear(let form)): try requestAddend(node, form.addendOperand)
      case .fused(.oneHotLinear(let form)): try requestAddend(node, form.addendOperand)
      case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group,
        .fused,
        .effect:
        continue
      }
    }
  }

  /// What a product adds to is computed where the result will be, unless others read it too.
  private mutating func requestAddend(_ node: Graph.Node, _ place: Int?) throws {
    guard let place, let result = node.results.first, case let addend = node.operands[place],
      uses.onlyUser(of: addend) != nil
    else { return }
    let target =
      try requests[result]
      ?? table.temporary(
        graph.type(of: result), label: "\(result)")
    requests[result] = target
    request(addend, at: target)
  }

  private func parts(
    of node: Graph.Node, axis: Int, target: View
  ) -> [(operand: ValueID, view: View)] {
    var start = 0
    return node.operands.map { operand in
      let size = graph.type(of: operand).shape[axis].fixedSize ?? 0
      defer { start += size }
      return (operand, Views.slice(target, axis: axis, start: start, end: start + size))
    }
  }

  /// Asks that a value be computed at a place. The first to ask wins; who comes later copies.
  private mutating func request(_ value: ValueID, at view: View) {
    guard requests[value] == nil else { return }
    let node = graph.producer(of: value)
    switch node.op {
    case .source(let source):
      switch source {
      case .input, .parameter, .constant: return
      case .batchSize, .random: requests[value] = view
      }
    case .layout(let op):
      guard let operand = node.operands.first else { return }
      switch op {
      case .reshape(let shape):
        if let back = Views.reshape(view, from: shape, to: graph.type(of: operand).shape) {
          request(operand, at: back)
        }
      case .slice(let axis, let start, _):
        // The gradient of a fused weight: all of it lies in one block of the gradient space.
        guard table.space(view) == .gradients else { return }
        var whole = view
        let shape = graph.type(of: operand).shape
        if graph.type(of: value).shape[axis] == 1 {
          whole.strides[axis] = Self.slabStride(view, axis: axis, shape)
        }
        whole.offset -= start * whole.strides[axis]
        whole.extents = Views.extents(shape)
        if isBlock(whole, graph.type(of: operand).shape), feedsWholeBlock(operand) {
          request(operand, at: whole)
        }
      case .concat, .pad:
        requests[value] = view
      case .broadcast, .transpose:
        return
      }
    case .elementwise(.stopGradient):
      if let operand = node.operands.first { request(operand, at: view) }
    case .elementwise(.convertToFloat):
      return
    case .elementwise, .reduction, .matrix, .lookup, .convolution, .group, .fused, .effect:
      requests[value] = view
    }
  }

  /// Whether every element of a value is the gradient of some parameter: slices that cover it, each
  /// read by one update alone. Then nothing else is computed into the value's block.
  private mutating func feedsWholeBlock(_ value: ValueID) -> Bool {
    updatedElements(of: value) == graph.type(of: value).shape.fixedCount
  }

  /// How many elements of a value are gradients, seen through slices and reshapes.
  private mutating func updatedElements(of value: ValueID) -> Int {
    if let known = updated[value] { return known }
    var count = 0
    var updates = 0
    for user in uses.nodes(of: value) {
      let node = graph[user]
      switch node.op {
      case .effect(.update): updates += 1
      case .layout(.slice), .layout(.reshape):
        if let result = node.results.first { count += updatedElements(of: result) }
      case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group,
        .fused,
        .effect:
        continue
      }
    }
    if updates == 1 { count += graph.type(of: value).shape.fixedCount }
    updated[value] = count
    return count
  }

  private func isBlock(_ view: View, _ shape: Shape) -> Bool {
    let sizes = shape.dimensions.compactMap(\.fixedSize)
    guard sizes.count == shape.rank, let columns = sizes.last else { return false }
    let rows = sizes.dropLast().reduce(1, *)
    let rowStride = sizes.count >= 2 ? view.strides[sizes.count - 2] : columns
    return layout.isBlock(
      offset: view.offset, rows: rows, columns: columns, rowStride: rowStride)
  }

  // MARK: - Assignment, in order

  private mutating func assign() throws {
    for (index, node) in graph.nodes.enumerated() {
      let id = NodeID(index)
      if let result = node.results.first, views[result.index] != nil { continue }
      if let view = try aliasView(node) {
        if let result = node.results.first { views[result.index] = view }
        continue
      }
      switch node.op {
      case .source(.constant):
        continue
      case .layout(.concat(let axis)):
        guard let result = node.results.first, let target = requests[result] else { continue }
        views[result.index] = target
        for (operand, part) in parts(of: node, axis: axis, target: target)
        where views[operand.index] != part {
          copies[id, default: []].append((operand, part))
        }
      case .effect(.update(let parameter, let type)):
        guard let record = layout[parameter], let operand = node.operands.first else { continue }
        let target = table.gradient(record, type.shape, layout: layout)
        if views[operand.index] != target { copies[id, default: []].append((operand, target)) }
      case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group,
        .fused,
        .effect:
        for result in node.results {
          views[result.index] =
            try requests[result]
            ?? table.temporary(graph.type(of: result), label: "\(result) \(node.op.mnemonic)")
        }
      }
    }
  }

  /// The view of a node that only looks at memory which is there already; nil for all others.
  private mutating func aliasView(_ node: Graph.Node) throws -> View? {
    switch node.op {
    case .source(.input(let id, let type)):
      return try table.feed(id, type)
    case .source(.parameter(let id, let type)):
      guard let record = layout[id] else { throw LoweringError("\(id) has no place") }
      return table.parameter(record, type.shape, layout: layout)
    case .elementwise(.stopGradient):
      return node.operands.first.flatMap { views[$0.index] }
    case .elementwise(.convertToFloat):
      // Masks are stored as 0 and 1 already; ids are converted by a copy.
      guard let operand = node.operands.first, graph.type(of: operand).dtype == .bool else {
        return nil
      }
      return views[operand.index]
    case .layout(.concat):
      return parameterConcat(node)
    case .layout(let op):
      guard let operand = node.operands.first, let view = views[operand.index] else { return nil }
      let shape = graph.type(of: operand).shape
      switch op {
      case .reshape(let to): return Views.reshape(view, from: shape, to: to)
      case .slice(let axis, let start, let end):
        return Views.slice(view, axis: axis, start: start, end: end)
      case .transpose(let permutation): return Views.transpose(view, permutation)
      case .broadcast(let to): return Views.broadcast(view, from: shape, to: to)
      case .concat, .pad: return nil
      }
    case .source, .elementwise, .reduction, .matrix, .lookup, .convolution, .group, .fused, .effect:
      return nil
    }
  }

  /// The view of a concatenation of parameters that the layout put together.
  private func parameterConcat(_ node: Graph.Node) -> View? {
    guard case .layout(.concat(let axis)) = node.op, let result = node.results.first,
      let first = node.operands.first, let view = views[first.index],
      table.space(view) == .parameters
    else { return nil }
    var whole = view
    let shape = graph.type(of: result).shape
    whole.extents = Views.extents(shape)
    if graph.type(of: first).shape[axis] == 1 {
      whole.strides[axis] = Self.slabStride(view, axis: axis, shape)
    }
    for (operand, part) in parts(of: node, axis: axis, target: whole) {
      guard let actual = views[operand.index], actual.buffer == part.buffer,
        actual.offset == part.offset,
        same(actual, part, graph.type(of: operand).shape)
      else { return nil }
    }
    return whole
  }

  /// The stride along an axis of which a view has a single slab is free: it is what one slab spans.
  private static func slabStride(_ view: View, axis: Int, _ shape: Shape) -> Int {
    axis + 1 < shape.rank ? view.strides[axis + 1] * (shape[axis + 1].fixedSize ?? 0) : 1
  }

  /// Whether two views agree but for the strides of axes of size 1.
  private func same(_ a: View, _ b: View, _ shape: Shape) -> Bool {
    shape.dimensions.indices.allSatisfy { shape[$0] == 1 || a.strides[$0] == b.strides[$0] }
  }
}
