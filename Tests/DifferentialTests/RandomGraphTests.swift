import GraphIR
import Passes
import Plan
import Runtime
import TestSupport
import Testing

/// Reference evaluator = unoptimised plan = optimised plan, on graphs made from seeds.
@Suite struct RandomGraphTests {
  static let capacity = 9

  /// Passes that may be left out, alone and together.
  static func variants() throws -> [Set<String>] {
    let optional = try Compiler.optionalPasses()
    let names = try Compiler.passNames().filter(optional.contains)
    return [[], Set(names)] + names.map { [$0] }
  }

  @Test(arguments: 0..<40) func forwardAndGradients(_ seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed))
    let parameters = random.parameterValues()
    for (index, disabled) in try Self.variants().enumerated()
    where index < 2 || index % 8 == seed % 8 {
      let runner = try PlanRunner(random.graph, capacity: Self.capacity, disabled: disabled)
      try runner.setParameters(parameters)
      for rows in [Self.capacity, 4, 1] {
        let feeds = random.feeds(batch: rows)
        let expected = try ReferenceEvaluator(
          batch: rows, feeds: feeds, parameters: parameters
        ).outputs(of: random.graph)
        let found = try runner.run(.predict, rows: rows, feeds: feeds)
        for (name, value) in expected {
          expectClose(
            found[name] ?? [], value.elements,
            "\(name), seed \(seed), without \(disabled), \(rows) rows")
        }
      }
    }
  }

  @Test(arguments: 0..<40) func gradientsAndUpdate(_ seed: Int) throws {
    let random = try RandomGraph(seed: UInt64(seed))
    let parameters = random.parameterValues()
    let differentiated = try Differentiate(target: .outputs).run(random.graph)
    let rows = 6
    let feeds = random.feeds(batch: rows)
    let expected = try ReferenceEvaluator(
      batch: rows, feeds: feeds, parameters: parameters
    ).outputs(of: differentiated)
    for (index, disabled) in try Self.variants().enumerated()
    where index < 2 || index % 8 == seed % 8 {
      let runner = try PlanRunner(random.graph, capacity: Self.capacity, disabled: disabled)
      try runner.setParameters(parameters)
      let place = "seed \(seed), without \(disabled)"
      let found = try runner.run(.gradients, rows: rows, feeds: feeds)
      _ = try runner.run(.train, rows: rows, feeds: feeds)
      for (name, value) in expected {
        expectClose(found[name] ?? [], value.elements, "\(name), \(place)")
        guard name.hasPrefix("gradient.") else { continue }
        let parameter = ParameterID(String(name.dropFirst("gradient.".count)))
        let l2 = random.graph.parameter(parameter)?.l2 ?? 0
        let moved = zip(parameters[parameter] ?? [], value.elements).map {
          $0 - 0.1 * ($1 + l2 * $0)
        }
        expectClose(
          try runner.session.parameter(parameter.name), moved, "\(parameter) after a step, \(place)"
        )
      }
    }
  }

  private func expectClose(_ found: [Float], _ expected: [Double], _ place: String) {
    guard found.count == expected.count else {
      Issue.record("\(place): \(found.count) values where \(expected.count) are expected")
      return
    }
    let scale = expected.map { abs($0) }.max() ?? 0
    for (a, b) in zip(found, expected) where !(abs(Double(a) - b) <= 2e-4 * max(scale, 1)) {
      Issue.record("\(place): \(a) where \(b) is expected")
      return
    }
  }
}
