import GraphIR

extension Pipeline {
  /// What the program is for.
  public enum Purpose: Sendable, Hashable, CaseIterable {
    /// Forward, backward and an `update` for each parameter.
    case train
    /// Forward and backward; the gradients are outputs `gradient.<parameter>`.
    case gradients
    /// Forward only.
    case predict
  }

  /// The order in which a model is compiled. Forward structure is fused before the graph is
  /// differentiated: the backward pass of a wide product is wide by itself.
  /// - Throws: `PassNameError` for a disabled name that is not a pass or must run.
  public static func standard(
    _ purpose: Purpose = .train, disabled: Set<String> = []
  ) throws -> Pipeline {
    let tidy: [any Pass] = [
      Simplify(), FoldConstants(), EliminateCommonSubexpressions(), EliminateDeadCode(),
    ]
    // A single row is predicted faster as the model is written.
    let members: [any Pass] = purpose == .predict ? [] : [FoldAdapters()]
    let forward: [any Pass] =
      tidy + members + [
        FuseExperts(), FuseColumnwise(), FuseGates(), EliminateOneHot(), FuseEmbeddings(),
      ] + tidy
    let backward: [any Pass] =
      switch purpose {
      case .train: [Differentiate()]
      case .gradients: [Differentiate(target: .outputs)]
      case .predict: [DropStopGradient()]
      }
    let finish: [any Pass] =
      tidy + [
        FuseSlices(), Simplify(), EliminateCommonSubexpressions(), FuseLinear(), Simplify(),
        FuseElementwise(), EliminateDeadCode(),
      ]
    return try Pipeline(forward + backward + finish).disabling(disabled)
  }
}
