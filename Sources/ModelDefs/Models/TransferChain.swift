import GraphIR

/// The hidden outputs of a funnel's steps with adaptive information transfer from step to step:
/// what AITM and the fourth form of the funnel share.
///
///     z_1 = q_1(x),    z_t = AIT(p_{t−1}, q_t(x)),    p_{t−1} = info_{t−1}(z_{t−1})
struct TransferChain: Sendable {
  var towerUnits: [Int]
  var infoUnits: [Int]
  var style: LayerStyle

  public static let infoHiddenUnits = SpecKey.units(
    "info_hidden_units", default: [],
    "The layers between a step and what it passes on, before a last one of the tower's width.")

  static let keys: [any AnySpecKey] =
    [ModelKeys.towerHiddenUnits, infoHiddenUnits] + ModelKeys.style

  init(_ section: SectionReader) {
    towerUnits = section[ModelKeys.towerHiddenUnits]
    infoUnits = section[Self.infoHiddenUnits]
    style = section.style
  }

  func check(_ scope: ModelScope) {
    if towerUnits.isEmpty {
      scope.report("a step needs a hidden layer to pass on", ModelKeys.towerHiddenUnits)
    }
  }

  /// The logit of each step, in the order of the steps, which are places in the list of tasks. Parameters `towers.<step>.…`,
  /// `info.<step>.…` of what a step passes on and `transfer.<step>.…` of how the next takes it.
  func logits<E: Emitter>(
    _ x: E.Tensor, steps: [Int], _ context: ModelContext, on e: E
  ) throws -> [E.Tensor] {
    guard let width = towerUnits.last else { throw ModelError("a step needs a hidden layer") }
    let style = style.with(l2: context.l2)
    var before: (step: String, z: E.Tensor)?
    return try steps.map { task in
      let step = context.tasks[task].name
      var z = try e.mlp(x, units: towerUnits, name: "towers.\(step)", style)
      if let (earlier, hidden) = before {
        let info = try e.mlp(
          hidden, units: infoUnits + [width], name: "info.\(earlier)", style)
        z = try e.adaptiveTransfer(
          from: info, to: z, units: width, name: "transfer.\(step)", style)
      }
      before = (step, z)
      return try e.output(z, of: task, context)
    }
  }
}
