import GraphIR
import TensorTypes

/// Computes what follows layers of one wide product for all their columns at once, where it works
/// column by column: batch normalization with its statistics, activations that are made of several
/// ops, dropout. Parameters and random streams stay those of each layer: they are concatenated.
public struct FuseColumnwise: Pass {
  public let name = "fuse_columnwise"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    let graph = try EliminateDeadCode().run(graph)
    let levels = AnchorLevels(graph) { _ in true }
    var wide = WideValues(LanePacks(graph, levels), GraphRewriter(of: graph))
    guard wide.packs.packs.contains(where: { if case .op = $0.source { true } else { false } })
    else { return graph }
    for id in levels.order {
      if let pack = wide.packs.pack(at: id) {
        try wide.handOut(pack)
      } else {
        try wide.rewriter.copy(id)
      }
    }
    return try EliminateDeadCode().run(wide.rewriter.finish())
  }
}

/// The values that stand for packs in the graph that is built.
private struct WideValues {
  let packs: LanePacks
  let rewriter: GraphRewriter
  /// By pack, once it is emitted.
  private var values: [ValueID?]
  private var builder: GraphBuilder { rewriter.builder }

  init(_ packs: LanePacks, _ rewriter: GraphRewriter) {
    self.packs = packs
    self.rewriter = rewriter
    values = Array(repeating: nil, count: packs.packs.count)
  }

  /// Computes a pack, unless that is done, and lets its columns stand for the lanes that are read
  /// one by one.
  mutating func handOut(_ index: Int) throws {
    guard values[index] == nil else { return }
    let wide = try value(index)
    let axis = builder.shape(of: wide).rank - 1
    var start = 0
    for lane in packs.packs[index].lanes {
      let end = start + rewriter.source.shape(of: lane).size(axis)
      if packs.isReadSeparately(lane) {
        rewriter.replace(lane, with: try builder.slice(wide, axis: axis, start..<end))
      }
      start = end
    }
  }

  private mutating func value(_ index: Int) throws -> ValueID {
    if let known = values[index] { return known }
    let pack = packs.packs[index]
    let shape = rewriter.source.shape(of: pack.lanes[0])
    let value: ValueID
    switch pack.source {
    case .columns(let layer, let start):
      let count = pack.lanes.reduce(0) { $0 + rewriter.source.shape(of: $1).size(1) }
      value = try builder.columns(rewriter.value(layer), start..<start + count)
    case .sources:
      value = try builder.joined(pack.lanes.map(rewriter.value), axis: shape.rank - 1)
    case .op(let op, let operands):
      value = try builder.emitOne(op, operands.map { try operand($0) })
    }
    values[index] = value
    return value
  }

  private mutating func operand(_ operand: LanePacks.Pack.Operand) throws -> ValueID {
    switch operand {
    case .pack(let index): try value(index)
    case .shared(let shared): try rewriter.value(shared)
    case .constant(let number, let dtype):
      try builder.constant(number, TensorType(dtype, []))
    }
  }
}
