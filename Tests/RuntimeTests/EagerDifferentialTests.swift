import GraphIR
import Runtime
import TensorTypes
import TestSupport
import Testing

/// The eager engine against two things that share no code with it: the reference evaluator for
/// values, and GraphIR's gradient rules for derivatives.
@Suite struct EagerDifferentialTests {
  @Test(arguments: OpSuite.cases)
  func op(_ item: OpCase) throws {
    let graph = try item.graph()
    let values = item.values(batch: 3)
    var feeds: [InputID: [Double]] = [:]
    var parameters: [ParameterID: [Double]] = [:]
    for (index, elements) in values.enumerated() {
      feeds[InputID("x\(index)")] = elements
      parameters[ParameterID("x\(index)")] = elements
    }
    for (id, value) in graph.inputs where feeds[id] == nil {
      feeds[id] = OpCase.Domain.mask.elements(graph.type(of: value).shape.count(batch: 3))
    }
    for parameter in graph.parameters where parameters[parameter.id] == nil {
      parameters[parameter.id] = OpCase.Domain.real.elements(parameter.type.shape.fixedCount)
    }
    try compareValues(graph, batch: 3, feeds, parameters)
  }

  @Test(arguments: 0..<40)
  func randomGraph(_ seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed), usesRandom: true)
    for batch in [1, 5] {
      try compareValues(
        random.graph, batch: batch, random.feeds(batch: batch), random.parameterValues())
    }
  }

  @Test(arguments: 0..<40)
  func randomGraphGradients(_ seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed), usesRandom: true)
    let builder = GraphBuilder(extending: random.graph)
    let loss = try #require(random.graph.output(named: "loss"))
    let reads = random.graph.nodes.compactMap { node in
      if case .source(.parameter) = node.op { node.results.first } else { nil }
    }
    let rules = try ReverseMode.gradients(of: loss, by: reads, in: builder)
    let engine = try engine(
      builder.graph, batch: 5, random.feeds(batch: 5), random.parameterValues())
    let values = try GraphInterpreter(builder.graph).run(on: engine)
    let tape = try engine.gradients(
      of: values[loss.index], withRespectTo: reads.map { values[$0.index] })
    for (read, (rule, found)) in zip(reads, zip(rules, tape)) {
      let expected = rule.map { values[$0.index].floats } ?? found.floats.map { _ in 0 }
      expectClose(found.floats, expected, "\(random.graph.producer(of: read).op)")
    }
  }

  // MARK: Comparing

  private func compareValues(
    _ graph: Graph, batch: Int, _ feeds: [InputID: [Double]],
    _ parameters: [ParameterID: [Double]]
  ) throws {
    let engine = try engine(graph, batch: batch, feeds, parameters)
    let random = CounterRandom(seed: engine.seed)
    let reference = ReferenceEvaluator(batch: batch, feeds: feeds, parameters: parameters) {
      Double(random.uniform(stream: $0, step: 0, index: $1))
    }
    let expected = try reference.values(of: graph)
    let found = try GraphInterpreter(graph).run(on: engine)
    for (index, (a, b)) in zip(found, expected).enumerated() {
      #expect(a.sizes == b.sizes)
      #expect(a.type == graph.type(of: ValueID(index)))
      expectClose(a.floats, b.elements, "\(graph.producer(of: ValueID(index)).op)")
    }
  }

  /// An engine in a step with these feeds and parameters.
  private func engine(
    _ graph: Graph, batch: Int, _ feeds: [InputID: [Double]],
    _ parameters: [ParameterID: [Double]]
  ) throws -> EagerEngine<Double> {
    let engine = EagerEngine<Double>(seed: 21)
    for parameter in graph.parameters {
      try engine.declare(parameter)
      if let values = parameters[parameter.id] {
        try engine.setValues(of: parameter.id, values)
      }
    }
    var typed: [InputID: EagerStorage<Double>] = [:]
    for (id, value) in graph.inputs {
      guard let elements = feeds[id] else { continue }
      typed[id] =
        switch graph.type(of: value).dtype {
        case .f32: .floats(elements)
        case .i32: .ids(elements.map { Int32($0) })
        case .bool: .mask(elements.map { $0 != 0 })
        }
    }
    engine.beginStep(batchSize: batch, feeds: typed)
    return engine
  }

  private func expectClose(_ found: [Double], _ expected: [Double], _ what: String) {
    #expect(found.count == expected.count)
    let largest = zip(found, expected).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
    #expect(largest <= 1e-9, "\(what)")
  }
}

extension OpCase.Domain {
  fileprivate func elements(_ count: Int) -> [Double] {
    var generator = SplitMix64(seed: 3)
    return values(count, &generator)
  }
}
