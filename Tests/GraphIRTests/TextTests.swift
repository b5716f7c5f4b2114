import GraphIR
import TensorTypes
import TestSupport
import Testing

/// Printing and reading back.
@Suite struct TextTests {
  private func expectRoundTrip(_ graph: Graph, _ comment: Comment? = nil) throws {
    let text = graph.text
    let again = try Graph(parsing: text)
    #expect(again.text == text, comment)
    #expect(again == graph, comment)
  }

  @Test func everyOp() throws {
    var visited: Set<OpName> = []
    for opCase in OpSuite.cases {
      visited.insert(OpName(opCase.op))
      try expectRoundTrip(opCase.graph(), "\(opCase)")
    }
    #expect(OpName.all.subtracting(visited).isEmpty)
  }

  @Test(arguments: 0..<40)
  func randomGraphs(seed: Int) throws {
    try expectRoundTrip(RandomGraph(seed: UInt64(seed), usesRandom: true).graph)
  }

  @Test func multiplesOfTheBatch() throws {
    let builder = GraphBuilder(name: "members")
    let x = try builder.input("x", .f32(.batch, 6))
    let rows = try builder.reshape(x, [.batches(3), 2])
    try builder.output("rows", builder.relu(rows))
    #expect(builder.graph.text.contains("relu %1 : f32[B3, 2]"))
    try expectRoundTrip(builder.graph)
    for text in ["B1", "B0", "B-2", "Bx", "C2"] { #expect(Dimension(text: text) == nil, "\(text)") }
  }

  @Test func parametersWithEverything() throws {
    let builder = GraphBuilder(name: "adult-mmoe.train")
    try builder.declare(
      Parameter("experts.0.kernel", .f32(499, 16), .uniform(0.12), l2: 0.0001))
    try builder.declare(Parameter("bias", .f32(16), .constant(-0.0)))
    try builder.declare(
      Parameter("mean", .f32(), .normal(.leastNonzeroMagnitude), isTrainable: false))
    try builder.declare(
      Parameter("all", .f32(1), .constant(.infinity), isTrainable: false, l2: 1e300))
    try expectRoundTrip(builder.graph)
    #expect(
      builder.graph.text == """
        graph @adult-mmoe.train {
          parameter @experts.0.kernel : f32[499, 16] = uniform(0.12) l2(0.0001)
          parameter @bias : f32[16] = constant(-0.0)
          parameter @mean : f32[] = normal(5e-324) frozen
          parameter @all : f32[1] = constant(inf) l2(1e+300) frozen
        }

        """)
  }

  static let names = [
    "hours per week", "a//b", "", "\"quoted\"", "back\\slash", "line\nbreak", "\r\n", "tab\t",
    "Größe",
    "年齢", "👩‍👩‍👧", "a\u{0}b", "%3", "@x", "1", "-", "e\u{301}", "{x = 1}", "graph", "a,b", "\u{7f}",
    "//", "trailing/", "inf", "x\u{2028}y",
  ]

  @Test(arguments: names)
  func namesWithAnyCharacters(name: String) throws {
    let builder = GraphBuilder(name: name)
    let x = try builder.input(InputID(name), .f32(.batch, 2))
    let w = try builder.parameter(Parameter(ParameterID(name), .f32(2), .uniform(1)))
    try builder.output(name, builder.add(x, w))
    try builder.emit(.effect(.update(ParameterID(name), .f32(2))), [w])
    try expectRoundTrip(builder.graph)
  }

  @Test func plainNamesAreNotQuoted() {
    #expect(ParameterID("experts.0/kernel-a_b").description == "@experts.0/kernel-a_b")
    #expect(InputID("hours per week").description == "$\"hours per week\"")
  }

  @Test func constantsRoundTripExactly() throws {
    var generator = SplitMix64(seed: 5)
    var values: [Double] = [
      0, -0.0, 1, .infinity, -.infinity, .nan, .pi, 1.0 / 3e200 / 3e108, .leastNonzeroMagnitude,
      .greatestFiniteMagnitude, 1.0 / 3, 123_456_789_012_345_680,
    ]
    for _ in 0..<200 { values.append(Double(bitPattern: generator.next())) }
    for value in values {
      let builder = GraphBuilder(name: "c")
      _ = try builder.constant(value)
      let graph = try Graph(parsing: builder.graph.text)
      guard case .source(.constant(let read, _)) = graph.nodes[0].op else {
        Issue.record("no constant")
        return
      }
      #expect(read.bitPattern == value.bitPattern || (read.isNaN && value.isNaN), "\(value)")
    }
  }

  /// No op of the set has several results; the form has room for them.
  @Test func severalResultsPrint() {
    var graph = Graph(name: "two")
    graph.nodes = [
      Graph.Node(op: .source(.batchSize), operands: [], results: [ValueID(0), ValueID(1)])
    ]
    graph.values = (0..<2).map { Graph.Value(type: .f32(), node: NodeID(0), position: $0) }
    #expect(graph.text(of: NodeID(0)) == "%0, %1 = batch_size : f32[], f32[]")
  }

  @Test func valuesMayHaveNamesAndCommentsStandAnywhere() throws {
    let graph = try Graph(
      parsing: """
        // a graph written by hand
        graph @g { // its name
          %x = input $x : f32[B, 2]
          %y.1 = exp %x : f32[B, 2] // twice
          return y = %y.1, x = %x
          parameter @late : f32[2] = normal(1)
          return z = %y.1
        }
        """)
    #expect(
      graph.text == """
        graph @g {
          parameter @late : f32[2] = normal(1.0)
          %0 = input $x : f32[B, 2]
          %1 = exp %0 : f32[B, 2]
          return y = %1, x = %0, z = %1
        }

        """)
  }

  @Test func theDescriptionIsTheText() throws {
    let graph = try RandomGraph(seed: 1).graph
    #expect("\(graph)" == graph.text)
  }
}
