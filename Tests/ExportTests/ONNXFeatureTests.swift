import Experiments
import Testing

/// What features and tasks become in an exported model.
@Suite struct ONNXFeatureTests {
  static let header = "a,n,c,list,w,amount,born,seen,place,click,kind,spend\n"
  static let rows =
    header
    + (0..<48).map { k in
      let list = (0..<k % 4).map { "l\((k + $0) % 5)" }.joined(separator: "|")
      let weights = (0..<k % 4).map { "0.\($0 + 1)" }.joined(separator: "|")
      let kind = ["red", "green", "blue"][k % 3]
      return "a\(k % 5),\(k % 9),c\(k % 3),\(list),\(weights),\(k * k - 40),\(k * 86_400_000),"
        + "2024-0\(1 + k % 9)-03,\(k % 7);-1.5,\(k % 2),\(kind),\(100 + 10 * (k % 6))\n"
    }.joined()

  static let expressible = """
    { name: "a", type: "id", embedding_dim: 3, missing: ["a4"] },
    { name: "n", type: "id", num_ids: 8, embedding_dim: 3 },
    { name: "list", type: "sequence", separator: "|", max_length: 2, embedding_dim: 3, pooling: "max" },
    {
      name: "weighed", column: "list", type: "sequence", separator: "|", max_length: 3, keep: "first",
      embedding_dim: 3, pooling: "sum", weights_column: "w",
    },
    {
      name: "aimed", column: "list", type: "sequence", separator: "|", max_length: 3,
      embedding_dim: 3, pooling: "attention", attention_target: "a",
    },
    { name: "amount", type: "numeric", normalizer: "log" },
    { name: "level", column: "amount", type: "numeric", boundaries: [-10, 0, 5, 100], embedding_dim: 3 },
    {
      name: "born", type: "datetime", time_format: "milliseconds", utc_offset: -1.5,
      parts: ["year", "month", "day", "week", "weekday", "weekend", "hour", "minute", "days"],
      encoding: "one_hot",
    },
    { name: "place", type: "vector", dim: 2, separator: ";" },
    { name: "binned", column: "amount", type: "numeric", encoding: "piecewise_linear", num_bins: 6 },
    {
      name: "waves", column: "amount", type: "numeric", encoding: "periodic", normalizer: "quantile",
      frequency_scale: 0.5, num_frequencies: 3,
    },
    { name: "ranked", column: "amount", type: "numeric", normalizer: "quantile" },
    """
  static let hashed = """
    { name: "c", type: "id", hash_bucket_size: 16, embedding_dim: 3 },
    { name: "both", type: "cross", of: ["a", "c"], hash_bucket_size: 16, embedding_dim: 3 },
    { name: "seen", type: "datetime", parts: ["month", "weekday"], embedding_dim: 2 },
    """

  static func trained(_ features: String) throws -> TrainedPlan {
    try TrainedPlan(
      """
      {
        name: "kinds",
        data: { train: "train.csv", test: "test.csv" },
        features: [
          \(features)
        ],
        tasks: [
          { name: "click", negative_sampling_rate: 0.5 },
          { name: "kind", loss: "softmax_cross_entropy", classes: ["red", "green", "blue"] },
          { name: "spend", loss: "mse" },
          { name: "worth", label: "spend", loss: "ziln" },
        ],
        model: { type: "shared_bottom", bottom_hidden_units: [6], tower_hidden_units: [4] },
        training: { batch_size: 16, epochs: 2 },
      }
      """, rows: rows)
  }

  private func expectAgreement(_ found: ONNXCase) {
    for (task, difference) in found.differences {
      // The mean of a lognormal is exp(x), which has the rounding of a large x.
      #expect(difference < (task == "worth" ? 1e-4 : 1e-5), "\(task)")
    }
    #expect(found.differences.count == 4)
  }

  @Test func everyKindOfFeatureEncoded() throws {
    let found = try ONNXCase(Self.trained(Self.expressible + Self.hashed), .encoded)
    expectAgreement(found)
    let named = Dictionary(uniqueKeysWithValues: found.model.inputs.map { ($0.name, $0) })
    #expect(named["a"]?.element == 7 && named["a"]?.shape == ["batch"])
    #expect(named["amount"]?.element == 1 && named["place"]?.shape == ["batch", "2"])
    #expect(named["list"]?.shape == ["batch", "2"] && named["list.length"]?.element == 7)
    #expect(named["weighed.weights"]?.element == 1 && named["list.weights"] == nil)
    #expect(found.model.outputs.map(\.name) == ["click", "kind", "spend", "worth"])
    #expect(found.model.outputs.map(\.shape) == [1, 3, 1, 1].map { ["batch", "\($0)"] })
    #expect(found.model.outputs[1].documentation.contains("red, green, blue"))
    for input in found.model.inputs { #expect(!input.documentation.isEmpty) }
  }

  @Test func everyKindOfFeatureRaw() throws {
    let found = try ONNXCase(Self.trained(Self.expressible), .raw)
    expectAgreement(found)
    let named = Dictionary(uniqueKeysWithValues: found.model.inputs.map { ($0.name, $0) })
    #expect(named["a"]?.element == 8 && named["n"]?.element == 7)
    // Features share the column that both read.
    #expect(named["amount"]?.element == 11 && named["level"] == nil)
    #expect(named["born"]?.element == 11 && named["w"]?.element == 1)
    #expect(found.model.operators["ai.onnx.ml"] != nil)
    let encoders = found.model.nodes.filter { $0.operation == "LabelEncoder" }
    // A missing text is no key.
    #expect(encoders[0].texts["keys_strings"]?.contains("a4") == false)
    #expect(encoders[0].texts["keys_strings"]?.contains("a0") == true)
    #expect(found.inputs["a"]?.contains { $0 as? String == "" } == true, "some are missing")
  }

  @Test func whatONNXCannotDoIsRefusedByName() throws {
    let trained = try Self.trained(Self.expressible + Self.hashed)
    var request = try ExportRequest(format: "onnx")
    request.inputs = .raw
    let error = #expect(throws: ExperimentError.self) {
      try trained.compiled.export(request, to: "\(trained.folder)/refused.onnx")
    }
    let message = error?.description ?? ""
    for name in [
      "\"c\" hashes", "\"both\" hashes", "\"seen.month\" reads dates", "--inputs encoded",
    ] {
      #expect(message.contains(name), "\(message)")
    }
    request = try ExportRequest(format: "safetensors")
    request.inputs = .raw
    #expect(throws: ExperimentError.self) {
      try trained.compiled.export(request, to: "\(trained.folder)/refused.onnx")
    }
  }

  /// Only the texts that the table declares are missing: an empty one may be a word.
  @Test func emptyTextsThatAreWords() throws {
    let rows =
      "a,x,click\n" + (0..<40).map { ["", "b", "?"][$0 % 3] + ",\($0 % 7),\($0 % 2)\n" }.joined()
    let trained = try TrainedPlan(
      """
      {
        name: "empty",
        data: { train: "train.csv", test: "test.csv", missing: ["?"] },
        features: [
          { name: "a", type: "id", embedding_dim: 2 },
          { name: "x", type: "numeric" },
        ],
        tasks: [{ name: "click" }],
        model: { type: "shared_bottom", bottom_hidden_units: [3], tower_hidden_units: [] },
        training: { batch_size: 8, epochs: 1 },
      }
      """, rows: rows)
    let found = try ONNXCase(trained, .raw)
    #expect(found.difference < 1e-5)
    let keys = try #require(found.model.nodes.first { $0.operation == "LabelEncoder" }).texts
    #expect(Set(keys["keys_strings"] ?? []) == ["", "b"])
    #expect(found.inputs["a"]?.contains { $0 as? String == "?" } == true, "some are missing")
  }
}
