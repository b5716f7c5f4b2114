import GraphIR
import TensorTypes

/// Makes a training step of a forward graph: the gradient of one output by every trainable
/// parameter, by reverse mode; zeros for a parameter that it does not depend on, which the optimizer
/// moves by its L2 penalty all the same. Only cotangents on a way from the loss to a parameter are
/// computed.
public struct Differentiate: Pass {
  /// What becomes of the gradients.
  public enum Target: Sendable, Hashable {
    /// An `update` of each parameter.
    case updates
    /// Outputs named `gradient.<parameter>`. The graph then changes no parameter at all: what the
    /// forward part assigns is left out.
    case outputs
  }

  /// As `Op.gradient`: the cotangents of a node's operands from those of its results.
  package typealias Rule =
    @Sendable (GraphBuilder, Graph.Node, _ cotangents: [ValueID?], _ needed: [Bool]) throws
    -> [ValueID?]

  public let name = "differentiate"
  public let isRequired = true
  /// The name of the output that is differentiated, f32[].
  public let loss: String
  public let target: Target
  /// Elements of a gradient that an `update` takes are clipped to [−clipValue, clipValue]; nil leaves
  /// them.
  public var clipValue: Double?
  /// How the gradients of several tasks become one; nil differentiates their sum.
  public var objective: TaskObjective?
  /// Other rules for the ops of these mnemonics; for tests that must see a wrong rule.
  package var rules: [String: Rule]

  public init(loss: String = "loss", target: Target = .updates) {
    self.init(loss: loss, target: target, rules: [:])
  }

  package init(loss: String = "loss", target: Target = .updates, rules: [String: Rule]) {
    self.loss = loss
    self.target = target
    self.rules = rules
  }

  /// - Throws: `DifferentiationError`; `MissingGradientRule` that names the op.
  public func run(_ graph: Graph) throws -> Graph {
    let graph = target == .outputs ? try graph.withoutEffects() : graph
    let root = try graph.differentiableOutput(loss)
    let builder = GraphBuilder(extending: graph)
    let reverse = ReverseMode(graph, builder, rules: rules)
    let gradients: [ParameterID: ValueID]
    if let objective {
      gradients = try TaskGradients(objective, reverse, changesState: target == .updates)
        .gradients()
    } else {
      gradients = try reverse.gradients(of: root, seed: builder.constant(1))
    }
    for parameter in graph.parameters where parameter.isTrainable {
      let gradient = try gradients[parameter.id] ?? builder.constant(0, parameter.type)
      switch target {
      case .updates:
        try builder.emit(
          .effect(.update(parameter.id, parameter.type)), [clipped(gradient, on: builder)])
      case .outputs:
        try builder.output("gradient.\(parameter.id.name)", gradient)
      }
    }
    return try DropStopGradient().run(builder.graph)
  }

  private func clipped(_ gradient: ValueID, on builder: GraphBuilder) throws -> ValueID {
    guard let clipValue else { return gradient }
    let above = try builder.max(gradient, builder.constant(-clipValue))
    return try builder.min(above, builder.constant(clipValue))
  }
}
