import ModelDefs
import Testing

/// Every check of a spec with the message it gives.
@Suite struct SpecCheckTests {
  @Test func acceptsTheFixture() {
    #expect(SpecFixture().findings() == [])
  }

  @Test func namesThePlaceOfAnUnknownKey() {
    let text = """
      { data: { train: 'a' },
        features: [{ name: 'x', type: 'id',
          embeding_dim: 3 }],
        tasks: [{ name: 't' }], model: { type: 'mmoe' } }
      """
    #expect(throws: SpecError.self) { try Spec(text: text, file: "spec.json5") }
    do {
      _ = try Spec(text: text, file: "spec.json5")
    } catch {
      #expect(
        "\(error)"
          == "spec.json5:3:5: features[0].embeding_dim: unknown key; did you mean"
          + " \"embedding_dim\"?"
      )
    }
  }

  @Test(arguments: [
    ("1", ": expected an object, found the number 1"),
    ("{", "1:1: this object does not end"),
  ])
  func refusesWhatIsNoObject(text: String, ending: String) {
    do {
      _ = try Spec(text: text, file: "s.json5")
      Issue.record("accepted")
    } catch {
      #expect("\(error)".hasSuffix(ending))
    }
  }

  @Test func collectsEverythingAtOnce() {
    var fixture = SpecFixture()
    fixture.data = "{ trian: 'a', delimiter: '\\n' }"
    fixture.training = "{ batch_size: 0, optimizer: { type: 'adam', learning_rate: -1 } }"
    fixture.model = "{ type: 'mmoe', num_experts: 'eight' }"
    #expect(
      fixture.findings() == [
        "data.trian: unknown key; did you mean \"train\"?",
        "data: the required key \"train\" is missing",
        "data.delimiter: must be one to eight characters without line breaks, found \"\\u{a}\"",
        "model.num_experts: expected an integer from 1 to 4096, found the string \"eight\"",
        "training.batch_size: expected an integer from 1 to 1048576, found the number 0",
        "training.optimizer.learning_rate: expected a number greater than 0, found the number -1",
      ])
  }

  @Test func requiresTheSections() {
    do {
      _ = try Spec(text: "{}", file: "s.json5")
      Issue.record("accepted")
    } catch let error as SpecError {
      #expect(
        error.findings.map(\.message)
          == ["data", "model", "tasks", "features"].map { "the required key \"\($0)\" is missing" })
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test(arguments: [
    ("{ train: [] }", "data.train: names no file"),
    ("{ train: 5.5, test: {} }", "data.test: expected a string, found an object"),
    (
      "{ train: 'a', validation: 'b', validation_fraction: 0.1 }",
      "data.validation_fraction: goes only without \"validation\""
    ),
    (
      "{ train: 'a', validation_fraction: 1 }",
      "data.validation_fraction: expected a number at least 0 and less than 1, found the number 1"
    ),
    (
      "{ train: 'a', header: false }",
      "data.header: is false, so \"columns\" must name the columns of the file"
    ),
    (
      "{ train: 'a', header: 'no' }",
      "data.header: expected true or false, found the string \"no\""
    ),
    ("{ train: 'a', delimiter: '\"' }", "data.delimiter: is the same character as \"quote\""),
    ("{ train: 'a', delimiter: ':\"' }", "data.delimiter: holds the character of \"quote\""),
    (
      "{ train: 'a', escape: '\"' }",
      "data.escape: is the same character as \"quote\"; a doubled quote is read as one quote without"
        + " it"
    ),
    ("{ train: 'a', escape: ',' }", "data.escape: is a character of \"delimiter\""),
    ("{ train: 'a', escape: '//' }", "data.escape: must be one ASCII character, found \"//\""),
    (
      "{ train: 'a', encoding: 'gb1803' }",
      "data.encoding: unknown encoding \"gb1803\"; did you mean \"GB18030\"?"
    ),
    (
      "{ train: 'a', format: 'slots', columns: ['age', 'job', 'income', 'married'], delimiter: '::' }",
      "data.delimiter: must be one character for the format \"slots\""
    ),
    (
      "{ train: 'a', format: 'npy', columns: ['age', 'job', 'income', 'married'],"
        + " encoding: 'UTF-16' }", "data.encoding: does not go with the format \"npy\""
    ),
    (
      "{ train: 'a', validation_split: 'last' }",
      "data.validation_split: goes only with \"validation_fraction\""
    ),
    (
      "{ train: 'a', validation_split: 'lest', validation_fraction: 0.1 }",
      "data.validation_split: unknown validation_split \"lest\"; did you mean \"last\"?"
    ),
    (
      "{ train: 'a', validation_split: { column: 'age' } }",
      "data.validation_split: the required key \"from\" is missing"
    ),
    (
      "{ train: 'a', validation_split: { column: 'age', from: 3 }, validation_fraction: 0.1 }",
      "data.validation_fraction: does not go with a column in \"validation_split\""
    ),
    (
      "{ train: 'a', validation: 'b', validation_split: { column: 'age', from: 3 } }",
      "data.validation_split: goes only without \"validation\""
    ),
    (
      "{ train: 'a', columns: ['age', 'job', 'income', 'married'],"
        + " validation_split: { column: 'aeg', from: 3 } }",
      "data.validation_split: data.columns has no column \"aeg\"; did you mean \"age\"?"
    ),
    ("{ train: 'a', columns: ['b', 'b'] }", "data.columns: the column \"b\" is named twice"),
    (
      "{ train: 'a', columns: ['x3..x1'] }",
      "data.columns[0]: the range \"x3..x1\" needs the same name at both ends, with rising numbers,"
        + " as in \"x0..x9\""
    ),
    (
      "{ train: 'a', columns: ['x0..x999999999'] }",
      "data.columns[0]: the range is longer than 100000"
    ),
    (
      "{ train: 'a', columns: ['agee', 'job', 'income', 'married'] }",
      "features[0].name: data.columns has no column \"age\"; did you mean \"agee\"?"
    ),
    (
      "{ train: 'a', columns: ['age', 'job', 'income'] }",
      "tasks[1].name: data.columns has no column \"married\""
    ),
    ("{ train: 'a', format: 'cvs' }", "data.format: unknown format \"cvs\"; did you mean \"csv\"?"),
    (
      "{ train: 'a', sample_weight: 'income' }",
      "data.sample_weight: is the label of the task \"income\""
    ),
    (
      "{ train: 'a', sample_weight: 'age' }",
      "features[0].name: the column \"age\" is the weight of the rows (data.sample_weight)"
    ),
    ("[]", "data: expected an object, found a list"),
  ])
  func checksData(data: String, finding: String) {
    var fixture = SpecFixture()
    fixture.data = data
    #expect(fixture.findings().contains(finding), "\(fixture.findings())")
  }

  @Test(arguments: [
    ("[]", "tasks: a model needs a task"),
    ("7", "tasks: expected a list of tasks, found the number 7"),
    ("[{}]", "tasks[0]: the required key \"name\" is missing"),
    ("[{ name: 'a' }, { name: 'a' }]", "tasks[1].name: another task is named \"a\""),
    ("[{ name: 'a', positive: [] }]", "tasks[0].positive: names no text of the label"),
    (
      "[{ name: 'a', positive: ['x'], loss: 'mse' }]",
      "tasks[0].positive: does not go with the loss \"mse\""
    ),
    (
      "[{ name: 'a', loss: 'bce' }]",
      "tasks[0].loss: unknown loss \"bce\"; known: binary_cross_entropy, focal,"
        + " softmax_cross_entropy, mse, mae, huber, ziln, pairwise_logistic, jrc"
    ),
    (
      "[{ name: 'a', weight: -1 }]",
      "tasks[0].weight: expected a number at least 0, found the number -1"
    ),
    (
      "[{ name: 'a', weight: Infinity }]",
      "tasks[0].weight: expected a number at least 0, found the number inf"
    ),
    (
      "[{ name: 'a', weight: 0 }]",
      "tasks: every task has weight 0, so nothing would be learned"
    ),
    (
      "[{ name: 'a', loss: 'mse', label_smoothing: 0.1 }]",
      "tasks[0].label_smoothing: does not go with the loss \"mse\""
    ),
    (
      "[{ name: 'a', focal_gamma: 1 }]",
      "tasks[0].focal_gamma: does not go with the loss \"binary_cross_entropy\""
    ),
  ])
  func checksTasks(tasks: String, finding: String) {
    var fixture = SpecFixture()
    fixture.tasks = tasks
    #expect(fixture.findings().contains(finding), "\(fixture.findings())")
  }

  @Test(arguments: [
    ("{}", "model: the required key \"type\" is missing"),
    ("{ type: 'mmeo' }", "model.type: unknown model type \"mmeo\"; did you mean \"mmoe\"?"),
    ("{ type: 5 }", "model.type: expected one of \"shared_bottom\""),
    (
      "{ type: 'shared_bottom', num_experts: 3 }",
      "model.num_experts: does not go with the model type \"shared_bottom\"; it belongs to"
    ),
    (
      "{ type: 'mmoe', expert_hidden_units: [] }",
      "model.expert_hidden_units: an expert needs a layer"
    ),
    (
      "{ type: 'mmoe', expert_hidden_units: 64 }",
      "model.expert_hidden_units: expected a list of layer widths, found the number 64"
    ),
    (
      "{ type: 'mmoe', expert_hidden_units: [64, 0] }",
      "model.expert_hidden_units[1]: expected an integer from 1 to 65536, found the number 0"
    ),
    (
      "{ type: 'mmoe', dropout: 1 }",
      "model.dropout: expected a number at least 0 and less than 1, found the number 1"
    ),
    (
      "{ type: 'mmoe', activation: 'relo' }",
      "model.activation: unknown activation \"relo\"; did you mean \"relu\"?"
    ),
  ])
  func checksModel(model: String, finding: String) {
    var fixture = SpecFixture()
    fixture.model = model
    #expect(
      fixture.findings().contains { $0.hasPrefix(finding) }, "\(fixture.findings())")
  }

  @Test(arguments: [
    (
      "{ batch_size: 1e12 }",
      "training.batch_size: expected an integer from 1 to 1048576, found the number 1000000000000.0"
    ),
    (
      "{ epochs: 0 }",
      "training.epochs: expected an integer from 1 to 1000000, found the number 0"
    ),
    (
      "{ seed: -1 }",
      "training.seed: expected an integer from 0 to 9223372036854775807, found the number -1"
    ),
    (
      "{ optimizer: { type: 'adams' } }",
      "training.optimizer.type: unknown optimizer type \"adams\"; did you mean \"adam\"?"
    ),
    (
      "{ optimizer: { momentum: 0.9 } }",
      "training.optimizer.momentum: does not go with the optimizer type \"adam\"; it belongs to"
        + " \"sgd\""
    ),
    (
      "{ optimizer: 'adam' }",
      "training.optimizer: expected an object, found the string \"adam\""
    ),
    (
      "{ optimizer: { beta1: 1 } }",
      "training.optimizer.beta1: expected a number at least 0 and less than 1, found the number 1"
    ),
    ("{ l2: -0.1 }", "training.l2: expected a number at least 0, found the number -0.1"),
    (
      "{ learning_rate: 0.1 }",
      "training.learning_rate: unknown key;"
    ),
    ("{ batch: 3 }", "training.batch: unknown key;"),
  ])
  func checksTraining(training: String, finding: String) {
    var fixture = SpecFixture()
    fixture.training = training
    #expect(
      fixture.findings().contains { $0.hasPrefix(finding) }, "\(fixture.findings())")
  }

  @Test func namesAFileThatCannotBeRead() {
    do {
      _ = try Spec(path: "no/such.json5")
      Issue.record("accepted")
    } catch {
      #expect("\(error)" == "no/such.json5: cannot be opened: No such file or directory")
    }
  }
}
