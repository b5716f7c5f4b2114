import ModelDefs
import Schema
import Testing

@Suite struct SpecOverrideTests {
  @Test func replacesValues() throws {
    let spec = try SpecFixture().spec(
      "training.epochs=3", "training.optimizer={type: 'sgd'}", "features[0].name=years",
      "model.expert_hidden_units[0]=16", "tasks[1].weight=0.25", "data.missing=['?', '']")
    #expect(spec.training.epochs == 3)
    #expect(spec.training.optimizer.kind == .sgd)
    #expect(spec.features[0].name == "years")
    #expect(spec.tasks[1].weight == 0.25)
    #expect(spec.dataDeclaration.format.missing == ["?", ""])
  }

  @Test func makesWhatIsMissing() throws {
    let spec = try SpecFixture().spec("training.optimizer.learning_rate=0.5")
    #expect(spec.training.optimizer.learningRate == 0.5)
  }

  @Test func takesKeysAway() throws {
    var fixture = SpecFixture()
    let spec = try fixture.spec("training=null")
    fixture.training = "{}"
    #expect(try spec.training == fixture.spec().training)
  }

  @Test func readsPathsFromTheWorkingDirectory() throws {
    let spec = try SpecFixture().spec("data.train=else/where.csv", "data.test=['a=b.csv']")
    #expect(spec.files.train == ["else/where.csv"])
    #expect(spec.files.test == ["a=b.csv"])
  }

  @Test(arguments: [
    ("training.epochs", ": expected KEY=VALUE, as in training.epochs=3"),
    ("=3", ": \"\" is not a key path, as in training.epochs or features[0].name"),
    ("a..b=3", ": \"a..b\" is not a key path, as in training.epochs or features[0].name"),
    (
      "features[x].name=3",
      ": \"features[x].name\" is not a key path, as in training.epochs or features[0].name"
    ),
    ("features[9].name=a", "features[9].name: [9] is beyond the list, which has 2 entries"),
    ("features.name=a", "features.name: \"name\" is a key, but it would be in a list"),
    ("training[0]=1", "training[0]: [0] counts in a list, but there is an object"),
    (
      "training.epochs=x",
      "training.epochs: expected an integer from 1 to 1000000, found the string \"x\""
    ),
    ("training.epoch=3", "training.epoch: unknown key; did you mean \"epochs\"?"),
    ("training.optimizer={type:", "training.optimizer: a value is missing: the text ends here"),
  ])
  func refuses(override: String, finding: String) {
    #expect(SpecFixture().findings(override) == [finding])
  }

  @Test func saysThatTheCommandLineIsMeant() {
    do {
      _ = try SpecFixture().spec("training.epochs=x")
      Issue.record("accepted")
    } catch {
      #expect(
        "\(error)" == "--set training.epochs=x: training.epochs: expected an integer from 1 to"
          + " 1000000, found the string \"x\"")
    }
  }
}
