import GraphIR
import Plan
import TensorTypes
import TestSupport
import Testing

/// Where values lie: results that may, and that must not, be written over an operand which is read for
/// the last time, and weights that are put side by side.
@Suite struct PlacementTests {
  /// Adds a number to a computed square matrix, or to its transpose: larger than what a kernel reads
  /// before it writes.
  private func graph(isTransposed: Bool) throws -> Graph {
    let builder = GraphBuilder(name: "square")
    let w = try builder.parameter(Parameter(ParameterID("w"), .f32(64, 64), .uniform(1)))
    let h = try builder.softmax(w)
    let read = try isTransposed ? builder.transpose(h, [1, 0]) : h
    let y = try builder.add(read, builder.constant(1))
    try builder.output("y", y)
    try builder.output("loss", builder.sum(builder.square(y)))
    return builder.graph
  }

  @Test(arguments: [false, true]) func transposedOperandsKeepTheirMemory(isTransposed: Bool) throws
  {
    try check(graph(isTransposed: isTransposed))
  }

  /// A weight beside or below itself, and two of them both ways round.
  @Test(arguments: [0, 1], [[0, 0], [0, 1, 0], [0, 1], [1, 0]])
  func weightsSideBySide(axis: Int, members: [Int]) throws {
    let builder = GraphBuilder(name: "sides")
    let weights = try ["w", "v"].map {
      try builder.parameter(Parameter(ParameterID($0), .f32(4, 4), .uniform(1)))
    }
    let whole = try builder.concat(members.map { weights[$0] }, axis: axis)
    let back = try builder.concat([weights[1], weights[0]], axis: axis)
    try builder.output("y", builder.square(whole))
    try builder.output("z", builder.scale(back, by: 3))
    try builder.output("loss", builder.add(builder.sum(whole), builder.sum(back)))
    try check(builder.graph)
  }

  /// The outputs of the compiled graph against the reference evaluator's.
  private func check(_ graph: Graph, _ location: SourceLocation = #_sourceLocation) throws {
    var values: [ParameterID: [Double]] = [:]
    for (number, parameter) in graph.parameters.enumerated() {
      values[parameter.id] = (0..<parameter.type.shape.fixedCount).map { k in
        let place = k * 37 + number * 11
        return Double(place % 101) / 50 - 1
      }
    }
    let runner = try PlanRunner(graph, capacity: 1)
    try runner.setParameters(values)
    let outputs = try runner.run(.predict, rows: 1, feeds: [:])
    let reference = try ReferenceEvaluator(batch: 1, feeds: [:], parameters: values)
      .outputs(of: graph)
    for (name, expected) in reference {
      let found = try #require(outputs[name])
      #expect(found.count == expected.elements.count, sourceLocation: location)
      let scale = expected.elements.reduce(1) { max($0, abs($1)) }
      for (a, b) in zip(found, expected.elements) {
        #expect(abs(Double(a) - b) < 1e-5 * scale, "\(name)", sourceLocation: location)
      }
    }
  }
}
