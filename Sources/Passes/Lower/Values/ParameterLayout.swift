import GraphIR
import Plan
import TensorTypes

/// Where every parameter lies in the parameter block.
///
/// Parameters that a graph concatenates (the experts of a fused product, say) become views of one
/// matrix, so that the concatenation costs nothing: along the last axis they are side by side,
/// along the first one after the other.
struct ParameterLayout {
  /// A matrix of the block that holds one or more parameters completely.
  struct Block: Hashable {
    var offset: Int
    var rows: Int
    var columns: Int
    var rowStride: Int
  }

  private(set) var records: [ParameterRecord] = []
  private(set) var blocks: Set<Block> = []
  private(set) var floats = 0
  private var index: [ParameterID: Int] = [:]

  /// Floats between the starts of blocks: one cache line.
  private static let alignment = 16
  /// Floats of a page of the system, and those from which on a table has pages of its own.
  private static let page = 1024
  private static let fewestOfPages = 16 * page

  /// - Parameter graphs: The graphs that share the parameters, most important first: where two
  ///   would lay out a parameter differently, the first wins and the other copies.
  /// - Parameter tables: Names of tables that are looked up and updated by rows, whose rows are set
  ///   apart so that fewer of them lie across two cache lines.
  /// - Parameter hasPages: Whether tables lie in pages of their own, so that processes can share these.
  init(graphs: [Graph], tables: Set<String> = [], hasPages: Bool = false) throws {
    var parameters: [Parameter] = []
    var seen: Set<ParameterID> = []
    for graph in graphs {
      for parameter in graph.parameters where seen.insert(parameter.id).inserted {
        parameters.append(parameter)
      }
    }
    var places: [ParameterID: (offset: Int, rowStride: Int)] = [:]
    var shapes: [ParameterID: (rows: Int, columns: Int)] = [:]
    for parameter in parameters { shapes[parameter.id] = try Self.matrix(of: parameter) }
    for graph in graphs {
      for group in Self.groups(of: graph)
      where group.members.allSatisfy({ places[$0] == nil && shapes[$0] != nil })
        && Set(group.members).count == group.members.count
      {
        try place(group, shapes: shapes, into: &places)
      }
    }
    for parameter in parameters where places[parameter.id] == nil {
      guard let shape = shapes[parameter.id] else { continue }
      let isTable = tables.contains(parameter.id.name)
      let stride = isTable ? Self.tableStride(shape.columns) : shape.columns
      let isLarge = shape.rows >= Self.fewestOfPages / max(1, stride)
      let align = hasPages && isTable && isLarge ? Self.page : Self.alignment
      try grow(by: 0, 0, align: align)
      let offset = floats
      try grow(by: shape.rows, stride, align: align)
      places[parameter.id] = (offset, stride)
      blocks.insert(
        Block(offset: offset, rows: shape.rows, columns: shape.columns, rowStride: stride))
    }
    for parameter in parameters {
      guard let place = places[parameter.id], let shape = shapes[parameter.id] else { continue }
      index[parameter.id] = records.count
      records.append(
        ParameterRecord(
          name: parameter.id.name, shape: parameter.type.shape.dimensions.compactMap(\.fixedSize),
          offset: place.offset, rows: shape.rows, columns: shape.columns,
          rowStride: place.rowStride, initializer: parameter.initializer,
          isTrainable: parameter.isTrainable, l2: parameter.l2))
    }
  }

  subscript(id: ParameterID) -> ParameterRecord? { index[id].map { records[$0] } }

  /// Whether a rectangle is all of a block, or all of several that lie one after the other.
  func isBlock(offset: Int, rows: Int, columns: Int, rowStride: Int) -> Bool {
    let stride = rows == 1 ? columns : rowStride
    if blocks.contains(Block(offset: offset, rows: rows, columns: columns, rowStride: stride)) {
      return true
    }
    guard stride == columns else { return false }
    let range = offset..<offset + rows * columns
    let inside = blocks.filter {
      range.contains($0.offset) && $0.rowStride == $0.columns
        && $0.offset + $0.rows * $0.columns <= range.upperBound
    }
    return inside.reduce(0) { $0 + $1.rows * $1.columns } == range.count
  }

  // MARK: - Groups

  private struct Group {
    /// Whether the members lie side by side (last axis) or one after the other (first axis).
    var sideBySide: Bool
    var members: [ParameterID]
  }

  private static func groups(of graph: Graph) -> [Group] {
    graph.nodes.compactMap { node in
      guard case .layout(.concat(let axis)) = node.op, node.operands.count > 1 else { return nil }
      let members = node.operands.compactMap { parameterRead(graph, $0) }
      guard members.count == node.operands.count, let result = node.results.first else {
        return nil
      }
      let rank = graph.type(of: result).shape.rank
      // Reshapes are looked through only where rows are stacked: they keep the row-major order.
      if axis == 0 { return Group(sideBySide: false, members: members) }
      let direct = node.operands.allSatisfy {
        if case .source(.parameter) = graph.producer(of: $0).op { true } else { false }
      }
      return axis == rank - 1 && direct ? Group(sideBySide: true, members: members) : nil
    }
  }

  private static func parameterRead(_ graph: Graph, _ value: ValueID) -> ParameterID? {
    let node = graph.producer(of: value)
    switch node.op {
    case .source(.parameter(let id, _)): return id
    case .layout(.reshape): return node.operands.first.flatMap { parameterRead(graph, $0) }
    default: return nil
    }
  }

  private mutating func place(
    _ group: Group, shapes: [ParameterID: (rows: Int, columns: Int)],
    into places: inout [ParameterID: (offset: Int, rowStride: Int)]
  ) throws {
    let members = group.members.compactMap { id in shapes[id].map { (id, $0) } }
    guard let first = members.first else { return }
    let start = floats
    if group.sideBySide {
      guard members.allSatisfy({ $0.1.rows == first.1.rows }) else { return }
      let width = members.reduce(0) { $0 + $1.1.columns }
      try grow(by: first.1.rows, width)
      var column = 0
      for (id, shape) in members {
        places[id] = (start + column, width)
        column += shape.columns
      }
      blocks.insert(
        Block(offset: start, rows: first.1.rows, columns: width, rowStride: width))
    } else {
      var total = 0
      for (id, shape) in members {
        places[id] = (start + total, shape.columns)
        total += shape.rows * shape.columns
      }
      try grow(by: 1, total)
      blocks.insert(Block(offset: start, rows: 1, columns: total, rowStride: total))
      let columns = first.1.columns
      if members.allSatisfy({ $0.1.columns == columns }), columns > 0 {
        blocks.insert(
          Block(offset: start, rows: total / columns, columns: columns, rowStride: columns))
      }
    }
  }

  /// A part of a cache line, or whole ones, where that takes at most a third more memory.
  private static func tableStride(_ columns: Int) -> Int {
    guard columns > 1 else { return columns }
    var stride = 2
    while stride < alignment, stride < columns { stride *= 2 }
    stride = (columns + stride - 1) / stride * stride
    return stride <= columns + columns / 3 ? stride : columns
  }

  private mutating func grow(by rows: Int, _ columns: Int, align: Int = alignment) throws {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, count < Int.max / 8 - floats else {
      throw LoweringError("the parameters need more memory than can be addressed")
    }
    floats = (floats + count + align - 1) / align * align
  }

  private static func matrix(of parameter: Parameter) throws -> (rows: Int, columns: Int) {
    let sizes = parameter.type.shape.dimensions.compactMap(\.fixedSize)
    guard sizes.count == parameter.type.shape.rank else {
      throw LoweringError("parameter \(parameter.id) has a batch axis")
    }
    var rows = 1
    for size in sizes.dropLast() {
      let (product, overflow) = rows.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw LoweringError("parameter \(parameter.id) of type \(parameter.type) is too large")
      }
      rows = product
    }
    return (rows, sizes.last ?? 1)
  }
}
