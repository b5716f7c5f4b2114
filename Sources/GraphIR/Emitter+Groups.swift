import TensorTypes

extension Emitter {
  /// The sum or maximum of each row's group: x f32[N, K], groups i32[N, 2] → f32[N, K].
  public func group(
    _ kind: GroupOp.Combination, _ x: Tensor, _ groups: Tensor
  ) throws -> Tensor {
    try emitOne(.group(.combine(kind)), [x, groups])
  }

  /// For each row the sum of a_j·f(d) over the rows j of its group whose label is lower, or higher,
  /// than its own, d being the score of the row with the higher label less that of the other one.
  /// See `GroupOp.pairs`.
  /// - Parameters:
  ///   - factors: a, f32[N, 1], as are scores and labels.
  ///   - groups: i32[N, 2].
  public func pairSums(
    _ function: GroupOp.PairFunction, over side: GroupOp.PairSide, of factors: Tensor,
    scores: Tensor, labels: Tensor, groups: Tensor
  ) throws -> Tensor {
    try emitOne(.group(.pairs(function, over: side)), [factors, scores, labels, groups])
  }
}
