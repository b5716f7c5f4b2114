import Experiments
import TestSupport
import Testing

/// Every model of the registry as ONNX predicts what its plan does.
@Suite struct ONNXModelTests {
  /// Rows of a made-up census.
  static let rows =
    "job,town,sex,history,age,income,married\n"
    + (0..<64).map { k in
      let (job, town, age) = (k * 7 % 5, k * 3 % 4, 20 + k * 13 % 40)
      let history = (0..<k % 5).map { "w\((k + $0) % 6)" }.joined(separator: "|")
      let isRich = job + age / 20 > 3 ? 1 : 0
      return "job \(job),town \(town),\(k % 2 == 0 ? "f" : "m"),\(history),\(age),\(isRich),"
        + "\(isRich == 1 && town > 1 ? 1 : 0)\n"
    }.joined()

  /// - Parameters:
  ///   - model: as text.
  ///   - keys: further keys of the model.
  static func trained(
    _ model: String, _ keys: String = "", sex: String = ", encoding: \"one_hot\""
  ) throws -> TrainedPlan {
    let model = keys.isEmpty ? model : "\(model.dropLast(2)), \(keys) }"
    return try TrainedPlan(
      """
      {
        name: "census",
        data: { train: "train.csv", test: "test.csv" },
        features: [
          { columns: ["job", "town"], type: "id", embedding_dim: 4 },
          { name: "sex", type: "id"\(sex) },
          {
            name: "history", type: "sequence", separator: "|", max_length: 3, embedding_dim: 4,
            pooling: "mean",
          },
          { name: "age", type: "numeric", normalizer: "zscore" },
        ],
        tasks: [{ name: "income" }, { name: "married" }],
        model: \(model),
        training: { batch_size: 16, epochs: 2, optimizer: { type: "adam", learning_rate: 0.01 } },
      }
      """, rows: rows)
  }

  @Test(arguments: ModelSpecs.all.map(\.type))
  func predictsWhatThePlanDoes(_ type: String) throws {
    let model = try #require(ModelSpecs.all.first { $0.type == type }).model
    let trained = try Self.trained(model)
    for form in ExportRequest.Inputs.allCases {
      let difference = try ONNXCase(trained, form).difference
      #expect(difference < 1e-5, "\(form)")
    }
  }

  @Test(arguments: ModelSpecs.all.map(\.type))
  func predictsTheMeanOfMembers(_ type: String) throws {
    let model = try #require(ModelSpecs.all.first { $0.type == type }).model
    guard !model.contains("batch_norm") else { return }
    let trained = try Self.trained(model, "ensemble: { type: 'tabm', members: 3 }", sex: "")
    #expect(try ONNXCase(trained, .encoded).difference < 1e-5)
  }

  @Test(arguments: [
    "interaction: { type: 'dcn_v2' }", "interaction: { type: 'dcn_v2', rank: 2 }",
    "interaction: { type: 'fm' }", "interaction: { type: 'bi_interaction' }",
    "activation: 'sigmoid'", "activation: 'tanh'", "activation: 'silu'", "activation: 'gelu'",
    "activation: 'leaky_relu'", "activation: 'prelu'", "activation: 'dice'", "batch_norm: true",
    "layer_norm: true", "dropout: 0.5",
  ])
  func everyLayer(_ keys: String) throws {
    let trained = try Self.trained(ModelSpecs.all[0].model, keys)
    #expect(try ONNXCase(trained, .encoded).difference < 1e-5)
  }
}
