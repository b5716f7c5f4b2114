import GraphIR

/// Replaces ops by simpler ones that compute the same: neutral operands, pairs that undo each
/// other, layouts of layouts, broadcasts that the reader makes anyway.
public struct Simplify: Pass {
  public let name = "simplify"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    try Peephole.run(
      [
        simplifyBroadcastOperands, simplifyElementwise, simplifyLayout, simplifyReductions,
        simplifyProducts, simplifyPooledSums, simplifyColumnSums,
      ], on: graph)
  }
}

/// Removes `stop_gradient`, which says nothing any more once gradients are computed, or never are.
public struct DropStopGradient: Pass {
  public let name = "drop_stop_gradient"

  public init() {}

  public func run(_ graph: Graph) throws -> Graph {
    try Peephole.run(
      [{ _, op, operands in op == .elementwise(.stopGradient) ? operands[0] : nil }], on: graph)
  }
}
