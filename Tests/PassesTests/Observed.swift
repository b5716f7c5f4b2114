import GraphIR
import Passes
import TensorTypes
import TestSupport

/// A graph whose effects are outputs too, so that a test sees everything a run would do.
func observingEffects(_ graph: Graph) throws -> Graph {
  let builder = GraphBuilder(extending: graph)
  for node in graph.nodes {
    guard case .effect(let effect) = node.op else { continue }
    try builder.output("effect.\(effect.target.name)", node.operands[0])
  }
  return builder.graph
}

/// Outputs and effects of a graph for feeds and parameters that its text alone determines.
struct GraphRun {
  var evaluator: ReferenceEvaluator

  /// - Parameter graph: Whose inputs are fed; ids stay below the smallest table.
  init(feeding graph: Graph, batch: Int = 3) {
    var generator = SplitMix64(seed: 11)
    var rows = 100
    for node in graph.nodes {
      switch node.op {
      case .lookup(.gather): rows = min(rows, graph.type(of: node.operands[0]).shape.size0)
      case .lookup(.oneHot(let depth)): rows = min(rows, depth)
      case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group,
        .fused,
        .effect:
        continue
      }
    }
    var feeds: [InputID: [Double]] = [:]
    for (id, value) in graph.inputs {
      let type = graph.type(of: value)
      let domain: OpCase.Domain =
        switch type.dtype {
        case .f32: .real
        case .bool: .mask
        case .i32: .ids(rows: rows)
        }
      feeds[id] = domain.values(type.shape.count(batch: batch), &generator)
    }
    var parameters: [ParameterID: [Double]] = [:]
    for parameter in graph.parameters {
      parameters[parameter.id] = OpCase.Domain.real.values(
        parameter.type.shape.fixedCount, &generator)
    }
    evaluator = ReferenceEvaluator(batch: batch, feeds: feeds, parameters: parameters)
  }

  init(_ random: RandomGraph, batch: Int = 3) {
    evaluator = ReferenceEvaluator(
      batch: batch, feeds: random.feeds(batch: batch), parameters: random.parameterValues())
  }

  func results(of graph: Graph) throws -> [String: ReferenceTensor] {
    try evaluator.outputs(of: observingEffects(graph))
  }
}

/// What of `before` is missing or different in `after`, worded for a failed test.
func differences(
  _ before: [String: ReferenceTensor], _ after: [String: ReferenceTensor],
  tolerance: Double = 1e-8
) -> [String] {
  before.sorted { $0.key < $1.key }.compactMap { name, expected in
    guard let found = after[name] else { return "\(name) is missing" }
    guard found.sizes == expected.sizes else { return "\(name) has sizes \(found.sizes)" }
    let scale = expected.elements.reduce(1e-3) { max($0, abs($1)) }
    let error = zip(expected.elements, found.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    guard error.isFinite, error <= tolerance * scale else {
      return "\(name) differs by \(error), its largest element is \(scale)"
    }
    return nil
  }
}

extension Shape {
  fileprivate var size0: Int { dimensions[0].size(batch: 1) }
}
