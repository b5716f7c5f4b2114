import GraphIR
import ModelDefs
import TensorTypes
import Testing

/// Which parameters an inner step moves, and what the others stay.
@Suite struct AdaptedEmitterTests {
  @Test func onlyTrainableParametersThatAreChosenMove() throws {
    let builder = GraphBuilder(name: "inner")
    let e = AdaptedEmitter(builder) { $0.name != "kept" }
    func parameter(_ name: String, isTrainable: Bool = true) throws -> ValueID {
      try e.parameter(
        Parameter(ParameterID(name), .f32(2), .constant(1), isTrainable: isTrainable))
    }
    let moved = try parameter("moved")
    let kept = try parameter("kept")
    let fixed = try parameter("fixed", isTrainable: false)
    #expect(try parameter("moved") == moved)
    #expect(e.order.map(\.name) == ["moved"])
    let loss = try e.sum(e.mul(e.mul(moved, kept), fixed))
    try e.descend(on: loss, rate: 0.1, createGraph: false)
    #expect(try parameter("moved") != moved)
    #expect(Set(e.values.keys.map(\.name)) == ["moved"])
    // What does not move is read where it was read before.
    #expect(e.order.map(\.name) == ["moved"])
  }

  /// Feeds are those of the present rows, of a fixed number.
  @Test func feedsAreThoseOfTheRows() throws {
    let builder = GraphBuilder(name: "inner")
    let e = AdaptedEmitter(builder) { _ in true }
    e.read("support", rows: 3)
    let x = try e.input(InputID("x"), .f32(.batch, 2))
    #expect(e.type(of: x) == .f32(3, 2))
    e.read("query", rows: 5)
    #expect(e.type(of: try e.input(InputID("x"), .f32(.batch, 2))) == .f32(5, 2))
    #expect(builder.graph.inputs.map(\.0.name) == ["support.x", "query.x"])
  }
}
