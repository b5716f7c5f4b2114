import GraphIR
import ModelDefs
import TensorTypes
import Testing

/// Which hidden outputs a task of DBMTL reads, and which parents it cannot have.
@Suite struct DBMTLTests {
  private static func model(_ parents: String, _ more: String = "") -> String {
    "{ type: 'dbmtl', bottom_hidden_units: [6], tower_hidden_units: [3],"
      + " relation_hidden_units: [2], parents: \(parents)\(more) }"
  }

  private func graph(_ model: String) throws -> Graph {
    var fixture = SpecFixture()
    fixture.model = model
    return try ModelFixture(fixture).graph(.train)
  }

  private func type(_ graph: Graph, _ name: String) throws -> TensorType {
    try #require(graph.parameter(ParameterID(name)), "\(name)").type
  }

  @Test func aTaskReadsTheHiddenOutputsOfItsParents() throws {
    let graph = try graph(Self.model("{ married: ['income'] }"))
    #expect(try type(graph, "relations.income.dense.0.kernel") == .f32(3, 2))
    #expect(try type(graph, "relations.married.dense.0.kernel") == .f32(5, 2))
    #expect(try type(graph, "towers.married.output.kernel") == .f32(2, 1))
    #expect(graph.parameter("experts.0.dense.0.kernel") == nil)
  }

  /// The order of the tasks in the spec does not matter; one name stands for a list of one.
  @Test func parentsMayComeLater() throws {
    let graph = try graph(Self.model("{ income: 'married' }"))
    #expect(try type(graph, "relations.income.dense.0.kernel") == .f32(5, 2))
    #expect(try type(graph, "relations.married.dense.0.kernel") == .f32(3, 2))
  }

  @Test func expertsReadTheBottom() throws {
    let graph = try graph(Self.model("{}", ", num_experts: 2, expert_hidden_units: [4]"))
    #expect(try type(graph, "experts.1.dense.0.kernel") == .f32(6, 4))
    #expect(try type(graph, "gates.income.kernel") == .f32(6, 2))
    #expect(try type(graph, "towers.income.dense.0.kernel") == .f32(4, 3))
  }

  @Test(arguments: [
    (
      "{ maried: ['income'] }",
      "model.parents.maried: no task is named \"maried\"; did you mean \"married\"?"
    ),
    (
      "{ married: ['incme'] }",
      "model.parents.married[0]: no task is named \"incme\"; did you mean \"income\"?"
    ),
    (
      "{ married: ['income'], income: ['married'] }",
      "model.parents: a task depends on itself by way of its parents"
    ),
    ("{ married: ['married'] }", "model.parents.married: names a task twice, or the task itself"),
    (
      "{ married: ['income', 'income'] }",
      "model.parents.married: names a task twice, or the task itself"
    ),
    ("['income']", "model.parents: expected an object from tasks to lists of tasks, found a list"),
    ("{ married: 3 }", "model.parents.married: expected a string, found the number 3"),
  ])
  func refuses(parents: String, finding: String) {
    var fixture = SpecFixture()
    fixture.model = Self.model(parents)
    #expect(fixture.findings().contains(finding), "\(fixture.findings())")
  }
}
