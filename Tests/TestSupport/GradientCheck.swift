import GraphIR
import TensorTypes

/// Compares the gradient rule of an op with central differences in Double, then the rule's own
/// derivative with central differences of the gradient.
public enum GradientCheck {
  static let batch = 3
  static let step = 1e-5
  static let tolerance = 1e-6

  /// What does not agree, empty when all does.
  public static func failures(of opCase: OpCase, seed: UInt64 = 1) throws -> [String] {
    let builder = GraphBuilder(name: "check")
    let operands = try opCase.emitOperands(builder)
    let results = try opCase.op.isParameter ? [] : builder.emit(opCase.op, operands)
    var variables = operands.filter { builder.type(of: $0).dtype == .f32 }
    // L = Σ w ⊙ y. The weights are variables too, so that the second derivatives go through the
    // cotangents as well.
    var loss = try builder.constant(0)
    for (index, result) in results.enumerated() {
      let type = builder.type(of: result)
      let y = type.dtype == .f32 ? result : try builder.convertToFloat(result)
      let weight = try builder.input(InputID("w\(index)"), TensorType(.f32, type.shape))
      variables.append(weight)
      loss = try builder.add(loss, builder.sum(builder.mul(weight, y)))
    }
    let first = try ReverseMode.gradients(of: loss, by: variables, in: builder)
    func failures(
      _ order: String, of scalar: ValueID, _ gradients: [ValueID?]
    ) throws -> [String] {
      try builder.graph.requireValid()
      return try Check(
        graph: builder.graph, evaluator: evaluator(for: builder.graph, opCase, seed),
        variables: variables
      ).failures(order, of: scalar, gradients: gradients)
    }
    if opCase.derivatives < 2 { return try failures("first", of: loss, first) }
    // S = Σ v ⊙ dL/dx over all variables x.
    var sum = try builder.constant(0)
    for (index, gradient) in first.enumerated() {
      guard let gradient else { continue }
      let direction = try builder.input(InputID("v\(index)"), builder.type(of: gradient))
      sum = try builder.add(sum, builder.sum(builder.mul(direction, gradient)))
    }
    let second = try ReverseMode.gradients(of: sum, by: variables, in: builder)
    return try failures("first", of: loss, first) + failures("second", of: sum, second)
  }

  /// An evaluator that feeds every input and parameter: operands from the case, the rest at random.
  private static func evaluator(
    for graph: Graph, _ opCase: OpCase, _ seed: UInt64
  ) -> ReferenceEvaluator {
    var evaluator = ReferenceEvaluator(batch: batch, feeds: [:])
    var generator = SplitMix64(seed: seed &+ 99)
    for (id, value) in graph.inputs {
      let count = graph.type(of: value).shape.count(batch: batch)
      evaluator.feeds[id] = OpCase.Domain.real.values(count, &generator)
    }
    for (index, values) in opCase.values(batch: batch, seed: seed).enumerated() {
      evaluator.feeds[InputID("x\(index)")] = values
      evaluator.parameters[ParameterID("x\(index)")] = values
    }
    return evaluator
  }

  private struct Check {
    let graph: Graph
    let evaluator: ReferenceEvaluator
    let variables: [ValueID]

    func failures(
      _ order: String, of scalar: ValueID, gradients: [ValueID?]
    ) throws -> [String] {
      let values = try evaluator.values(of: graph)
      let nodes = graph.ancestors(of: [scalar])
      var failures: [String] = []
      for (variable, gradient) in zip(variables, gradients) {
        for element in values[variable.index].elements.indices {
          let exact = gradient.map { values[$0.index].elements[element] } ?? 0
          let difference = try centralDifference(
            of: scalar, by: variable, element, nodes)
          let scale = max(1, abs(exact), abs(difference))
          if !(abs(exact - difference) <= tolerance * scale) {
            failures.append(
              "\(order) derivative by element \(element) of \(graph.text(of: graph[variable].node)):"
                + " the rule gives \(exact), differences give \(difference)")
          }
        }
      }
      return failures
    }

    private func centralDifference(
      of scalar: ValueID, by variable: ValueID, _ element: Int, _ nodes: [Bool]
    ) throws -> Double {
      func value(_ delta: Double) throws -> Double {
        var moved = evaluator
        switch graph.producer(of: variable).op {
        case .source(.input(let id, _)): moved.feeds[id]?[element] += delta
        case .source(.parameter(let id, _)): moved.parameters[id]?[element] += delta
        case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group,
          .fused, .effect:
          preconditionFailure("variables are inputs and parameters")
        }
        return try moved.values(of: graph, nodes: nodes)[scalar.index].elements[0]
      }
      return try (value(step) - value(-step)) / (2 * step)
    }
  }
}

extension Op {
  fileprivate var isParameter: Bool {
    if case .source(.parameter) = self { true } else { false }
  }
}
