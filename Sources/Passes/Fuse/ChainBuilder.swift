import GraphIR
import Plan
import TensorTypes

/// Puts elementwise nodes of one shape, and reductions of what they compute, into a chain.
struct ChainBuilder {
  let graph: Graph
  let shape: Shape
  let uses: GraphUses

  struct Draft {
    var chain: ElementwiseChain
    /// What the chain reads, and the values that its results stand for.
    var operands: [ValueID] = []
    var results: [ValueID] = []

    /// Whether it is a single op without a reduction, which needs no chain.
    var isSingleOp: Bool {
      chain.steps.count == 1 && chain.results.allSatisfy { $0.reduction == nil }
    }

    /// Whether the kernel has registers, operands and reductions enough.
    fileprivate var fits: Bool {
      let reductions = chain.results.count { $0.reduction != nil }
      guard reductions <= ElementwiseInstruction.maximumReductions,
        operands.count + results.count <= ElementwiseInstruction.maximumOperands
      else { return false }
      var writer = ChainWriter(chain)
      writer.write()
      return writer.registers <= ElementwiseInstruction.maximumRegisters
    }
  }

  /// The nodes as one chain; nil where the kernel has not room for it.
  func draft(_ nodes: ArraySlice<NodeID>) -> Draft? {
    var draft = Draft(chain: ElementwiseChain(shape: shape, steps: [], results: []))
    var steps: [ValueID: Int] = [:]
    var places: [ValueID: Int] = [:]
    for id in nodes {
      let node = graph[id]
      guard case .elementwise(let op) = node.op else { continue }
      let inputs = node.operands.map { operand -> ElementwiseChain.Input in
        if let step = steps[operand] { return .step(step) }
        if let number = graph.constant(operand) { return .constant(number) }
        let place = places[operand] ?? draft.operands.count
        if places.updateValue(place, forKey: operand) == nil { draft.operands.append(operand) }
        return .operand(place)
      }
      guard draft.operands.count <= ElementwiseInstruction.maximumOperands else { return nil }
      steps[node.results[0]] = draft.chain.steps.count
      draft.chain.steps.append(.init(op, inputs))
    }
    for id in nodes { addResults(of: graph[id].results[0], steps, &draft) }
    return draft.fits ? draft : nil
  }

  /// Stores a value that others read, and reduces it for those that do.
  private func addResults(
    of value: ValueID, _ steps: [ValueID: Int], _ draft: inout Draft
  ) {
    guard let step = steps[value] else { return }
    var others = uses.count(of: value)
    for user in uses.nodes(of: value) {
      let node = graph[user]
      guard let output = node.results.first else { continue }
      if steps[output] != nil {
        others -= 1
      } else if let result = reduction(node, step, draft.chain), !draft.results.contains(output) {
        others -= 1
        draft.chain.results.append(result)
        draft.results.append(output)
      }
    }
    if others > 0 {
      draft.chain.results.append(.init(step: step))
      draft.results.append(value)
    }
  }

  /// A reduction as a result of the chain. Column sums of matrices are left to the products that
  /// read the same matrix.
  private func reduction(
    _ node: Graph.Node, _ step: Int, _ chain: ElementwiseChain
  ) -> ElementwiseChain.Result? {
    guard case .reduction(.reduce(let kind, let axes, let keepAxes)) = node.op,
      axes.last == shape.rank - 1 || shape.rank > 2
    else { return nil }
    let result = ElementwiseChain.Result(
      step: step, reduction: .init(kind, axes: axes, keepAxes: keepAxes))
    return chain.isReducible(result) ? result : nil
  }
}
