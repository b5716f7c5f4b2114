import Foundation
import ModelDefs
import Testing

/// Keys of numbers at their bounds: the last values that are taken, and the first that are not.
@Suite struct SpecBoundTests {
  private func check(
    _ fixture: SpecFixture, _ key: String, accepts: [String], refuses: [String], _ type: String
  ) {
    for value in accepts {
      #expect(fixture.findings("\(key)=\(value)") == [], "\(key)=\(value)")
    }
    for value in refuses {
      #expect(
        fixture.findings("\(key)=\(value)")
          == ["\(key): expected \(type), found the number \(value)"], "\(key)=\(value)")
    }
  }

  @Test func wholeNumbers() {
    let keys: [(String, Int, Int)] = [
      ("training.batch_size", 1, 1_048_576), ("training.eval_batch_size", 1, 1_048_576),
      ("training.epochs", 1, 1_000_000), ("model.num_experts", 1, 4096),
      ("model.expert_hidden_units[0]", 1, 65_536), ("features[1].embedding_dim", 1, 4096),
      ("features[1].min_frequency", 1, 2_000_000_000), ("features[1].num_ids", 1, 2_000_000_000),
      ("features[1].hash_bucket_size", 1, 2_000_000_000), ("features[0].num_buckets", 2, 65_536),
      ("data.fit_rows", 1, 2_147_483_647),
    ]
    for (key, least, most) in keys {
      check(
        SpecFixture(), key, accepts: ["\(least)", "\(most)", "\(least).0"],
        refuses: ["\(least - 1)", "\(most + 1)", "\(least).5"],
        "an integer from \(least) to \(most)")
    }
    var sequences = SpecFixture()
    sequences.features = "[{ name: 'list', type: 'sequence' }]"
    check(
      sequences, "features[0].max_length", accepts: ["1", "16384"], refuses: ["0", "16385"],
      "an integer from 1 to 16384")
    #expect(
      SpecFixture().findings("training.epochs=true")
        == ["training.epochs: expected an integer from 1 to 1000000, found true or false"])
    #expect(
      SpecFixture().findings("training.epochs='3'")
        == ["training.epochs: expected an integer from 1 to 1000000, found the string \"3\""])
  }

  @Test func numbersWithoutAnUpperBound() {
    for key in ["training.gradient_clip_norm", "training.optimizer.learning_rate"] {
      check(
        SpecFixture(), key, accepts: ["1e-30", "7", "1e30"], refuses: ["0", "-0.5"],
        "a number greater than 0")
    }
    for key in ["training.l2", "training.embedding_l2", "tasks[0].weight"] {
      check(
        SpecFixture(), key, accepts: ["0", "1e-30", "7.5"], refuses: ["-1e-30", "-2"],
        "a number at least 0")
    }
  }

  @Test func shares() {
    for key in ["model.dropout", "training.optimizer.beta1", "data.validation_fraction"] {
      check(
        SpecFixture(), key, accepts: ["0", "0.999999", "0.5"], refuses: ["1", "-0.001", "1.5"],
        "a number at least 0 and less than 1")
    }
    check(
      SpecFixture(), "tasks[0].negative_sampling_rate", accepts: ["1", "0.001"],
      refuses: ["0", "1.001"], "a number greater than 0 and at most 1")
    var ranked = SpecFixture()
    ranked.data = "{ train: 'a.csv', group_by: 'user' }"
    ranked.tasks = "[{ name: 'income', loss: 'jrc' }]"
    check(
      ranked, "tasks[0].jrc_alpha", accepts: ["0", "1"], refuses: ["-0.001", "1.001"],
      "a number at least 0 and at most 1")
  }

  @Test func rangesOfTheirOwn() {
    var fixture = SpecFixture()
    fixture.features = "[{ name: 'day', type: 'datetime', parts: ['hour'] }]"
    check(
      fixture, "features[0].utc_offset", accepts: ["-24", "24", "5.5"], refuses: ["-24.5", "24.5"],
      "a number at least -24 and at most 24")
    fixture.features = "[{ name: 'age', type: 'numeric', encoding: 'periodic' }]"
    check(
      fixture, "features[0].frequency_scale", accepts: ["1000", "0.001"],
      refuses: ["0", "1000.5"], "a number greater than 0 and at most 1000")
    check(
      fixture, "features[0].num_frequencies", accepts: ["1", "4096"], refuses: ["0", "4097"],
      "an integer from 1 to 4096")
    var bounds = NumberBounds.any
    (bounds.lower, bounds.upper) = (-1_000_000_000, 999_999_999)
    #expect(
      bounds.description == "a number at least -1000000000.0 and at most 999999999")
    (bounds.lower, bounds.upper, bounds.upperIncluded) = (nil, 0.5, false)
    #expect(bounds.description == "a number less than 0.5")
    #expect(NumberBounds.any.description == "a finite number")
  }

  @Test func layersOfAStack() {
    func list(_ count: Int) -> String {
      "[" + Array(repeating: "2", count: count).joined(separator: ",") + "]"
    }
    let key = "model.expert_hidden_units"
    #expect(SpecFixture().findings("\(key)=\(list(64))") == [])
    #expect(
      SpecFixture().findings("\(key)=\(list(65))")
        == ["\(key): has 65 layers, at most 64 are possible"])
  }

  @Test func textsAreShortenedInMessages() {
    func message(_ text: String) -> [String] {
      SpecFixture().findings("model.activation='\(text)'")
    }
    func expected(_ text: String) -> [String] {
      [
        "model.activation: unknown activation \"\(text)\"; known: relu, sigmoid, tanh, silu, gelu,"
          + " leaky_relu, prelu, dice"
      ]
    }
    let (fit, long) = (String(repeating: "z", count: 60), String(repeating: "z", count: 61))
    #expect(message(fit) == expected(fit))
    #expect(message(long) == expected(String(repeating: "z", count: 57) + "…"))
    #expect(
      SpecFixture().findings("data.quote='ab'")
        == ["data.quote: must be one ASCII character, found \"ab\""])
    #expect(
      SpecFixture().findings("training.shuffle='\"'")
        == ["training.shuffle: expected true or false, found the string '\"'"])
  }

  @Test func kindsOfValues() {
    let found: [(String, String)] = [
      ("null", "null"), ("true", "true or false"), ("3", "the number 3"),
      ("2.5", "the number 2.5"), ("'x'", "the string \"x\""), ("[]", "a list"),
    ]
    for (value, kind) in found {
      var fixture = SpecFixture()
      fixture.model = value
      #expect(fixture.findings() == ["model: expected an object, found \(kind)"])
      fixture = SpecFixture()
      fixture.training = "{ optimizer: \(value) }"
      #expect(fixture.findings() == ["training.optimizer: expected an object, found \(kind)"])
    }
    #expect(
      SpecFixture().findings("data.test=['a', {}]")
        == ["data.test[1]: expected a string, found an object"])
  }

  @Test func namesOfFiles() throws {
    var fixture = SpecFixture()
    for (file, name) in [("a/b.c.json5", "b"), ("b", "b"), (".hidden", "hidden"), ("x/y", "y")] {
      let text = fixture.text.replacingOccurrences(of: "name: 'small',", with: "")
      #expect(try Spec(text: text, file: file).name == name)
    }
    fixture.data = "{ train: 'a', test: [] }"
    #expect(try fixture.spec().files.test == [])
  }
}
