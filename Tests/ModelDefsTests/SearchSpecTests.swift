import Foundation
import ModelDefs
import Schema
import Testing

/// Values that a search tries, and specs with such values.
@Suite struct SearchSpecTests {
  private func path(_ text: String) throws -> SpecPath { try #require(SpecPath(text)) }

  private func value(_ text: String) throws -> SpecValue {
    try JSON5Parser.parse(Array(text.utf8), diagnostics: SpecDiagnostics(file: "t"))
  }

  private func dimension(
    _ text: String, _ values: SearchDimension.Values
  ) throws -> SearchDimension { SearchDimension(try path(text), values) }

  @Test func valuesAtAShareOfTheWay() throws {
    let choices = try [value("'a'"), value("2"), value("null")]
    let rows: [(SearchDimension.Values, [(Double, String)])] = [
      (
        .choices(choices),
        [
          (0, "\"a\""), (0.33, "\"a\""), (0.34, "2"), (0.66, "2"), (0.67, "null"),
          (0.999, "null"), (1, "null"),
        ]
      ),
      (.integers(2...5), [(0, "2"), (0.24, "2"), (0.25, "3"), (0.5, "4"), (0.999, "5")]),
      (.integers(7...8), [(0.49, "7"), (0.5, "8"), (1, "8")]),
      (.uniform(1...3), [(0, "1.0"), (0.5, "2.0"), (0.125, "1.25")]),
      (.uniform(0...1), [(0.12345678, "0.123457")]),
      (.uniform(0.1234562...1), [(0, "0.1234562")]),
      (.uniform(0...0.1234567), [(1, "0.1234567")]),
      (.logarithmic(0.001...0.1), [(0, "0.001"), (0.5, "0.01"), (0.75, "0.0316228")]),
    ]
    for (values, expected) in rows {
      let dimension = try dimension("a", values)
      for (share, json) in expected {
        #expect(dimension.value(at: share).json == json, "\(values) at \(share)")
      }
    }
  }

  @Test func dimensionsAsJSON() throws {
    let rows: [(SearchDimension.Values, String)] = [
      (.choices([try value("1"), try value("'x'")]), "[1,\"x\"]"),
      (.uniform(0.5...2), "{uniform:[0.5,2.0]}"), (.logarithmic(1...10), "{log:[1.0,10.0]}"),
      (.integers(3...4), "{int:[3,4]}"),
    ]
    for (values, json) in rows {
      #expect(try dimension("a.b", values).json == "\"a.b\":\(json)")
    }
  }

  private func search(_ text: String) -> [String] {
    var fixture = SpecFixture()
    fixture.more = " search: \(text)"
    return fixture.findings()
  }

  @Test func sectionsOfASearch() throws {
    let key = "search.training.l2"
    let rows: [(String, [String])] = [
      ("{}", ["search: names no key to search; leave it away for the usual ones"]),
      (
        "3",
        ["search: expected an object from keys of the spec to their values, found the number 3"]
      ),
      (
        "{ 'a..b': [1] }",
        ["search: \"a..b\" is not a key path, as training.epochs or features[0].name"]
      ),
      ("{ 'training.l2': [] }", ["\(key): has no value to choose"]),
      (
        "{ 'training.l2': 3 }",
        [
          "\(key): expected a list of values, or an object with \"log\", \"uniform\" or \"int\","
            + " found the number 3"
        ]
      ),
      ("{ 'training.l2': {} }", ["\(key): needs one of \"log\", \"uniform\" and \"int\""]),
      (
        "{ 'training.l2': { log: [1, 2], int: [1, 2] } }",
        ["\(key): needs one of \"log\", \"uniform\" and \"int\""]
      ),
      (
        "{ 'training.l2': { log: [0, 1] } }",
        ["\(key).log[0]: expected a number greater than 0, found the number 0"]
      ),
      (
        "{ 'training.l2': { log: [2, 1] } }",
        ["\(key).log: the first number must be less than the second"]
      ),
      (
        "{ 'training.l2': { uniform: [1, 1] } }",
        ["\(key).uniform: the first number must be less than the second"]
      ),
      (
        "{ 'training.l2': { int: [1] } }",
        ["\(key).int: expected a list of two numbers, found a list"]
      ),
      (
        "{ 'training.l2': { int: [1, 2.5] } }",
        [
          "\(key).int[1]: expected an integer from -9007199254740992 to 9007199254740992, found the"
            + " number 2.5"
        ]
      ),
      (
        "{ 'training.l2': { uniform: [-1e308, 1e308] } }",
        ["\(key).uniform: expected two numbers less far apart, found a list"]
      ),
    ]
    for (text, expected) in rows { #expect(search(text) == expected, "\(text)") }
    var fixture = SpecFixture()
    fixture.more = """
       search: { 'training.l2': { log: [1e-6, 1e-2] }, 'model.type': ['mmoe'],
        'model.num_experts': { int: [2, 9] }, 'model.dropout': { uniform: [0, 0.5] } }
      """
    let spec = try fixture.spec()
    #expect(
      spec.search.map(\.json) == [
        "\"training.l2\":{log:[1e-06,0.01]}", "\"model.type\":[\"mmoe\"]",
        "\"model.num_experts\":{int:[2,9]}", "\"model.dropout\":{uniform:[0.0,0.5]}",
      ])
    #expect(!spec.canonicalText.contains("search"))
  }

  @Test func dimensionsThatCannotBe() throws {
    let spec = try SpecFixture().spec()
    func findings(_ one: SearchDimension, _ all: [SearchDimension] = []) -> [String] {
      spec.findings(of: one, among: all).map { "\($0.path): \($0.message)" }
    }
    let rows = "cannot be searched: all trials have the same rows"
    for (key, root) in [("name", "name"), ("data.train", "data"), ("search.x", "search")] {
      #expect(
        findings(try dimension(key, .integers(1...2))) == ["search.\(key): \"\(root)\" \(rows)"])
    }
    #expect(
      findings(try dimension("training.seed", .integers(1...2)))
        == ["search.training.seed: the seed cannot be searched: it says nothing of other rows"])
    #expect(
      findings(try dimension("training.epochs", .integers(1...2))) == [
        "search.training.epochs: epochs cannot be searched: \"training.epochs\" is the most that a"
          + " trial is given, and the best number is found on the way"
      ])
    #expect(findings(try dimension("training.l2", .uniform(0...1))) == [])
    #expect(
      findings(try dimension("training.l2", .uniform(-1...1)))
        == ["training.l2: expected a number at least 0, found the number -1.0"])
    #expect(
      findings(try dimension("training.batch_size", .integers(1...1_048_577))) == [
        "training.batch_size: expected an integer from 1 to 1048576, found the number 1048577"
      ])
    #expect(
      findings(try dimension("tasks[0].label", .choices([value("'other'")]))) == [
        "search.tasks[0].label: changes what is predicted, so that trials could not be compared"
      ])
    #expect(findings(try dimension("training.shuffle", .choices([value("null")]))) == [])
  }

  /// A key needs to go with one of the types that are tried.
  @Test func keysOfSomeTypes() throws {
    let spec = try SpecFixture().spec()
    let experts = try dimension("model.num_experts", .integers(2...4))
    func types(_ names: String...) throws -> SearchDimension {
      try dimension("model.type", .choices(names.map { try value("'\($0)'") }))
    }
    func findings(_ one: SearchDimension, _ all: [SearchDimension]) -> [String] {
      spec.findings(of: one, among: all).map(\.path)
    }
    let (both, bottom) = (try types("mmoe", "shared_bottom"), try types("shared_bottom"))
    #expect(findings(experts, [both, experts]) == [])
    #expect(findings(both, [both, experts]) == [])
    let levels = try dimension("model.num_levels", .integers(2...3))
    #expect(findings(levels, [both, levels]) == ["model.num_levels"])
    #expect(findings(levels, [try types("ple"), levels]) == [])
    #expect(
      findings(try dimension("model.bottom_hidden_units", .choices([value("[4]")])), [bottom]) == []
    )
  }

  @Test func specsWithOtherValues() throws {
    let spec = try SpecFixture().spec()
    let (type, l2) = (try path("model.type"), try path("training.l2"))
    let other = try spec.with([(type, value("'shared_bottom'")), (l2, value("0.5"))])
    #expect(other.model.type == "shared_bottom" && other.l2 == 0.5)
    #expect(
      other.canonicalText.contains(
        #""model":{"type":"shared_bottom","tower_hidden_units":[3]},"#))
    #expect(spec.assignment(of: l2) == nil)
    #expect(other.assignment(of: l2)?.value.json == "0.5")
    let (three, null) = (try value("3"), try value("null"))
    #expect(other.has((l2, three)))
    #expect(!spec.has((l2, three)))
    #expect(spec.has((l2, null)))
    let error = #expect(throws: SpecError.self) {
      try spec.with([(try path("features[7].name"), value("'a'"))])
    }
    #expect(
      error?.findings.map { "\($0.path): \($0.message)" }
        == ["features[7].name: [7] is beyond the list, which has 2 entries"])
    // Keys of another rule are left away, those of none are refused as ever.
    let rule = try SpecFixture().spec("training.optimizer={type:'sgd',momentum:0.5}").with([
      (path("training.optimizer.type"), value("'adam'"))
    ])
    #expect(rule.canonicalText.contains(#""optimizer":{"type":"adam"}"#))
  }

  /// The text of a spec can be kept anywhere: its paths are absolute.
  @Test func textsForAnyFolder() throws {
    var fixture = SpecFixture()
    fixture.data = """
      { train: ['a.csv', '/b.csv', '-'], validation: 'v.csv', test: 't.csv', cache: 'c',
        join: [{ file: 'u.csv', key: 'job' }] }
      """
    fixture.features = """
      [{ name: 'job', type: 'id', pretrained: { file: 'p.txt', keys: 'k.txt' } }]
      """
    fixture.training = "{ initialize_from: 'w.plan' }"
    fixture.more = " search: { 'training.l2': [0, 1] }"
    let base = FileManager.default.currentDirectoryPath + "/dir"
    let text = try fixture.spec("data.test=o.csv").text(with: [(path("training.l2"), value("1"))])
    #expect(text.hasPrefix("{\n  name: \"small\",\n") && text.hasSuffix("}\n"))
    let again = try Spec(text: text, file: "x")
    #expect(again.files.train == ["\(base)/a.csv", "/b.csv", "-"])
    #expect(again.files.validation == ["\(base)/v.csv"])
    #expect(again.files.test == [FileManager.default.currentDirectoryPath + "/o.csv"])
    #expect(again.files.cache == "\(base)/c")
    #expect(again.dataDeclaration.joins.map(\.file) == ["\(base)/u.csv"])
    #expect(
      again.features[0].pretrained
        == PretrainedVectors(path: "\(base)/p.txt", keys: "\(base)/k.txt"))
    #expect(again.initial?.path == "\(base)/w.plan")
    #expect(again.l2 == 1 && again.search.isEmpty)
  }
}
