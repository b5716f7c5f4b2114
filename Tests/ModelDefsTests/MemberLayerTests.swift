import GraphIR
import ModelDefs
import Schema
import TensorTypes
import Testing

/// The layers of members node by node, and the checks of styles and ensembles.
@Suite struct MemberLayerTests {
  private func fixture(_ activation: String) -> SpecFixture {
    var fixture = SpecFixture()
    fixture.features = "[{ name: 'job', type: 'id', embedding_dim: 5 }]"
    fixture.model = """
      { type: 'shared_bottom', bottom_hidden_units: [4], tower_hidden_units: [6],
        activation: '\(activation)', ensemble: { type: 'tabm', members: 3 } }
      """
    return fixture
  }

  private func lines(_ activation: String) throws -> [String] {
    let graph = try ModelFixture(fixture(activation)).graph(.predict)
    return graph.nodes.map { node in
      let type = node.results.first.map { "\(graph.type(of: $0))" } ?? ""
      return "\(node.op.mnemonic) \(type)"
    }
  }

  /// Each unit of each member has a slope of its own, which is applied once.
  @Test func preluOfMembers() throws {
    let graph = try ModelFixture(fixture("prelu")).graph(.train)
    func type(_ name: String) -> TensorType? { graph.parameter(ParameterID(name))?.type }
    #expect(type("bottom.dense.0.slope") == .f32(12))
    #expect(type("towers.income.dense.0.slope") == .f32(18))
    #expect(type("towers.married.dense.0.slope") == .f32(18))
    #expect(graph.opCounts()["min"] == 3 && graph.opCounts()["relu"] == 3)
    let layer = try lines("prelu")
    let start = try #require(layer.firstIndex(of: "gather f32[B, 5]"))
    #expect(
      layer[(start + 1)...].prefix(28).map { $0 } == [
        "parameter f32[3, 5]", "reshape f32[15]", "reshape f32[B, 1, 5]", "broadcast f32[B, 3, 5]",
        "reshape f32[B3, 5]", "reshape f32[B, 15]", "mul f32[B, 15]", "reshape f32[B3, 5]",
        "parameter f32[5, 4]", "matmul f32[B3, 4]", "parameter f32[3, 4]", "reshape f32[12]",
        "reshape f32[B, 12]", "mul f32[B, 12]", "parameter f32[3, 4]", "reshape f32[12]",
        "add f32[B, 12]", "parameter f32[12]", "relu f32[B, 12]", "constant f32[]",
        "min f32[B, 12]", "mul f32[B, 12]", "add f32[B, 12]", "reshape f32[B3, 4]",
        "parameter f32[3, 4]", "reshape f32[12]", "reshape f32[B, 12]", "mul f32[B, 12]",
      ])
  }

  @Test func otherActivationsOfMembers() throws {
    let layer = try lines("sigmoid")
    let start = try #require(layer.firstIndex(of: "sigmoid f32[B3, 4]"))
    #expect(layer[start - 1] == "reshape f32[B3, 4]")
    #expect(layer[start - 2] == "add f32[B, 12]")
    #expect(layer.filter { $0.hasPrefix("sigmoid f32[B3, 4]") }.count == 1)
    #expect(layer.filter { $0.hasPrefix("sigmoid f32[B3, 6]") }.count == 2)
  }

  @Test func parametersOfMembers() throws {
    let spec = try fixture("relu").spec("training.l2=0.25")
    let builder = GraphBuilder(name: "g")
    try buildModel(
      spec, schema: SpecFixture.schema(spec), purpose: .train, hasMissingLabels: false, on: builder)
    func parameter(_ name: String) throws -> Parameter {
      try #require(builder.graph.parameter(ParameterID(name)))
    }
    // √(6 / (5 + 4)) and √(6 / (6 + 1)).
    #expect(
      try parameter("bottom.dense.0.kernel")
        == Parameter(
          "bottom.dense.0.kernel", .f32(5, 4), .uniform((6.0 / 9).squareRoot()), l2: 0.25))
    #expect(
      try parameter("towers.income.output.kernel")
        == Parameter(
          "towers.income.output.kernel", .f32(3, 6, 1), .uniform((6.0 / 7).squareRoot()), l2: 0.25))
    #expect(
      try parameter("bottom.dense.0.adapter_in")
        == Parameter("bottom.dense.0.adapter_in", .f32(3, 5), .normal(1)))
    for (name, type) in [
      ("bottom.dense.0.adapter_out", TensorType.f32(3, 4)),
      ("towers.income.dense.0.adapter_in", .f32(3, 4)),
      ("towers.income.dense.0.adapter_out", .f32(3, 6)),
    ] {
      #expect(try parameter(name) == Parameter(ParameterID(name), type, .constant(1)))
    }
    for (name, type) in [
      ("bottom.dense.0.bias", TensorType.f32(3, 4)), ("towers.income.output.bias", .f32(3, 1)),
    ] {
      #expect(try parameter(name) == Parameter(ParameterID(name), type, .constant(0)))
    }
  }

  @Test func lossesThatCompareRowsHaveNoMembers() {
    var fixture = fixture("relu")
    fixture.data = "{ train: 'a', group_by: 'g' }"
    fixture.tasks = "[{ name: 'income', loss: 'jrc' }]"
    #expect(
      fixture.findings() == [
        "model.ensemble: does not go with the loss \"jrc\" of task \"income\", which compares rows"
      ])
  }

  @Test func stylesOfLayers() {
    let rows: [(String, [String])] = [
      ("batch_norm: true, batch_norm_momentum: 0.5, batch_norm_epsilon: 0.1", []),
      ("layer_norm: true, layer_norm_epsilon: 0.1", []),
      ("batch_norm_momentum: 0.5", ["batch_norm_momentum: goes only with \"batch_norm\""]),
      ("batch_norm_epsilon: 0.5", ["batch_norm_epsilon: goes only with \"batch_norm\""]),
      (
        "batch_norm: true, layer_norm_epsilon: 0.5",
        ["layer_norm_epsilon: goes only with \"layer_norm\""]
      ),
      (
        "batch_norm: true, layer_norm: true", ["layer_norm: does not go with \"batch_norm\""]
      ),
      ("batch_norm: false, layer_norm: true", []),
    ]
    for (style, expected) in rows {
      var fixture = SpecFixture()
      fixture.model = "{ type: 'shared_bottom', \(style) }"
      #expect(fixture.findings() == expected.map { "model.\($0)" }, "\(style)")
    }
  }

  @Test func groupsOfFeaturesOfESMM() {
    var fixture = SpecFixture()
    fixture.features = """
      [{ name: 'a', type: 'id', embedding_dim: 4 }, { name: 'b', type: 'id', embedding_dim: 6 },
       { name: 'c', type: 'sequence', embedding_dim: 4 },
       { name: 'd', type: 'id', encoding: 'one_hot' }]
      """
    func findings(_ keys: String) -> [String] {
      fixture.model = "{ type: 'esmm', \(keys) }"
      return fixture.findings()
    }
    #expect(findings("user_features: ['a', 'c'], item_features: 'b'") == [])
    #expect(
      findings("user_features: ['b', 'a', 'c']")
        == ["model.user_features: the embeddings to add up differ in width: 4, 6"])
    #expect(
      findings("item_features: ['a', 'd']")
        == ["model.item_features: \"d\" has no embedding to add up"])
    #expect(
      findings("user_features: 'a', interaction: { type: 'dcn_v2' }") == [
        "model.interaction: does not go with a model that adds up groups of features"
      ])
    #expect(findings("interaction: { type: 'dcn_v2' }") == [])
  }
}
