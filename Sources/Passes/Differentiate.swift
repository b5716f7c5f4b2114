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
    /// Outputs named `gradient.<parameter>`.
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
  /// Elements of a gradient that an `update` takes are cut to [−clipValue, clipValue]; nil leaves
  /// them.
  public var clipValue: Double?
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
    guard let root = graph.output(named: loss) else {
      throw DifferentiationError(message: "the graph has no output \"\(loss)\"")
    }
    guard graph.type(of: root) == .f32() else {
      throw DifferentiationError(
        message: "the output \"\(loss)\" has type \(graph.type(of: root)), expected f32[]")
    }
    let reads = graph.parameterReads
    let trainable = graph.parameters.filter(\.isTrainable)
    let varies = graph.descendants(of: trainable.compactMap { reads[$0.id] })
    let builder = GraphBuilder(extending: graph)
    var cotangents: [ValueID?] = Array(repeating: nil, count: graph.values.count)
    cotangents[root.index] = try builder.constant(1)
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      let arriving = node.results.map { cotangents[$0.index] }
      let needed = node.operands.map { varies[$0.index] }
      guard needed.contains(true), arriving.contains(where: { $0 != nil }) else { continue }
      let leaving = try gradient(builder, node, arriving, needed)
      for (operand, new) in zip(node.operands, leaving) {
        guard let new, varies[operand.index] else { continue }
        let sum = try cotangents[operand.index].map { try builder.add($0, new) }
        cotangents[operand.index] = sum ?? new
      }
    }
    for parameter in trainable {
      let found = reads[parameter.id].flatMap { cotangents[$0.index] }
      let gradient = try found ?? builder.constant(0, parameter.type)
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

  private func gradient(
    _ builder: GraphBuilder, _ node: Graph.Node, _ cotangents: [ValueID?], _ needed: [Bool]
  ) throws -> [ValueID?] {
    if let rule = rules[node.op.mnemonic] { return try rule(builder, node, cotangents, needed) }
    return try node.op.gradient(
      builder, operands: node.operands, results: node.results, cotangents: cotangents,
      needed: needed)
  }
}

/// A graph that cannot be differentiated as asked.
public struct DifferentiationError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  public var description: String { message }
}
