import Foundation
import GraphIR
import TensorTypes
import TestSupport
import Testing

@Suite struct BuilderTests {
  @Test func readingAgainGivesTheSameValue() throws {
    let builder = GraphBuilder(name: "g")
    let weight = Parameter("w", .f32(2), .uniform(1))
    let x = try builder.input("x", .f32(.batch, 2))
    let w = try builder.parameter(weight)
    #expect(try builder.input("x", .f32(.batch, 2)) == x)
    #expect(try builder.parameter(weight) == w)
    #expect(builder.graph.nodes.count == 2)
    #expect(builder.graph.parameters == [weight])
  }

  private func message(_ body: (GraphBuilder) throws -> Void) -> String? {
    let builder = GraphBuilder(name: "g")
    do {
      _ = try builder.parameter(Parameter("w", .f32(2), .uniform(1)))
      let x = try builder.input("x", .f32(.batch, 2))
      try builder.output("x", x)
      try body(builder)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func contradictionsAreRefused() {
    #expect(
      message { _ = try $0.input("x", .f32(.batch)) }
        == "input: $x is read as f32[B] here and as f32[B, 2] before")
    #expect(
      message { _ = try $0.parameter(Parameter("w", .f32(3), .uniform(1))) }
        == "parameter: @w is declared as f32[3] here and as f32[2] before")
    #expect(
      message { _ = try $0.parameter(Parameter("v", .f32(0), .uniform(1))) }
        == "parameter: @v has type f32[0], which has an axis of size 0")
    #expect(
      message { try $0.emit(.source(.parameter("v", .f32())), []) }
        == "parameter: @v is not declared")
    #expect(
      message { try $0.emit(.effect(.update("v", .f32())), [ValueID(0)]) }
        == "update: @v is not declared")
    #expect(
      message {
        try $0.emit(.effect(.update("w", .f32(2))), [ValueID(0)])
        try $0.emit(.effect(.assign("w", .f32(2))), [ValueID(0)])
      } == "assign: @w is changed a second time")
    #expect(message { try $0.output("x", ValueID(0)) } == "output: the name x is taken")
    #expect(
      message { _ = try $0.matmul(ValueID(1), ValueID(0)) }
        == "matmul: operand 1 (%0) has type f32[2], expected a matrix f32[*, *]")
  }

  @Test func extendingGoesOn() throws {
    let graph = try RandomGraph(seed: 6, usesRandom: true).graph
    let builder = GraphBuilder(extending: graph)
    let x = try builder.input("numeric", graph.type(of: ValueID(0)))
    #expect(x == ValueID(0))
    _ = try builder.random([.batch])
    #expect(throws: TypeError.self) { try builder.output("loss", x) }
    try builder.output("x", x)
    try builder.graph.requireValid()
    #expect(Array(builder.graph.nodes.prefix(graph.nodes.count)) == graph.nodes)
  }

  @Test func sumUndoesBroadcasting() throws {
    let builder = GraphBuilder(name: "g")
    let x = try builder.input("x", .f32(.batch, 2, 3))
    for shape: Shape in [
      [.batch, 2, 3], [2, 3], [3], [], [.batch, 1, 3], [1, 1], [1, 1, 1, 1],
    ] {
      if shape.rank > 3 { continue }
      #expect(builder.shape(of: try builder.sum(x, to: shape)) == shape)
    }
    #expect(try builder.sum(x, to: [.batch, 2, 3]) == x)
  }

  /// 16 times the graph takes about 16 times the time; quadratic time would be 256 times.
  @Test func buildingTakesLinearTime() throws {
    func seconds(_ count: Int) throws -> Double {
      var best = Double.infinity
      for _ in 0..<3 {
        let start = threadSeconds()
        let builder = GraphBuilder(name: "g")
        var x = try builder.input("x", .f32(.batch, 2))
        for index in 0..<count {
          let w = try builder.parameter(Parameter(ParameterID("w\(index)"), .f32(2), .uniform(1)))
          x = try builder.add(x, w)
          try builder.output("y\(index)", x)
        }
        let copy = try builder.graph.rewritten { _, _, _ in nil }
        #expect(copy.verify().isEmpty)
        best = min(best, threadSeconds() - start)
      }
      return best
    }
    let small = try seconds(500)
    let large = try seconds(8000)
    #expect(large < small * 16 * 6, "500 parameters \(small) s, 8,000 parameters \(large) s")
  }

  /// The processor time of this thread: what other tests do meanwhile does not count.
  private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
