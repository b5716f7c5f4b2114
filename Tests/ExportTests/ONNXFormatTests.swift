import Experiments
import Export
import Plan
import Schema
import Testing

/// The parts of an exported model and its bytes.
@Suite struct ONNXFormatTests {
  @Test func partsAndParameters() throws {
    let trained = try TrainedPlan.mmoe()
    let model = try ONNXCase(trained, .encoded).model
    #expect(model.producer == "mtlc" && model.formatVersion == 8)
    #expect(model.operators == ["": 17])
    #expect(model.documentation.contains(trained.plan.name))
    #expect(model.metadata["mtlc.spec"] == trained.plan.specText)
    // Fused parameters are apart, under the names of the model.
    let weights = try #require(trained.plan.weights)
    for record in trained.plan.parameters {
      let tensor = try #require(model.tensors[record.name], "\(record.name)")
      #expect(tensor.shape == record.shape)
      #expect(tensor.numbers == record.values(in: weights).map(Double.init), "\(record.name)")
    }
    let names = model.nodes.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.contains("experts.0.dense.0.MatMul") && names.contains("gates.click.MatMul"))
    // Every value is written once, and before it is read.
    var known = Set(model.inputs.map(\.name)).union(model.tensors.keys)
    for node in model.nodes {
      #expect(known.isSuperset(of: node.inputs), "\(node.name)")
      for output in node.outputs {
        let isNew = known.insert(output).inserted
        #expect(isNew, "\(output)")
      }
    }
  }

  @Test func tensorsOfALargeModelAreInAnotherFile() throws {
    let plan = try ONNXModelTests.trained(
      "{ type: 'shared_bottom', bottom_hidden_units: [64], tower_hidden_units: [4] }"
    ).plan
    // Vocabularies have no other place.
    let raw = try ONNXExport(plan, inputs: .raw).model
    #expect(throws: ExportError.self) { try raw.files(tensorFile: "m.data", limit: 100) }
    let whole = try ONNXExport(plan, inputs: .encoded).model.files(tensorFile: "m.data")
    #expect(whole.tensors == nil)
    let cut = try ONNXExport(plan, inputs: .encoded).model.files(tensorFile: "m.data", limit: 100)
    let tensors = try #require(cut.tensors)
    #expect(cut.model.count < whole.model.count)
    let read = try ReadModel(cut.model) { name in name == "m.data" ? tensors : [] }
    let expected = try ReadModel(whole.model)
    #expect(read.tensors.mapValues(\.numbers) == expected.tensors.mapValues(\.numbers))
    let external = read.tensors.values.filter { 4 * $0.numbers.count >= 1024 }
    #expect(!external.isEmpty, "some tensor is large enough")
  }

  /// An input that is named as a task is told apart from it.
  @Test func namesAreUnique() throws {
    let trained = try TrainedPlan(
      """
      {
        name: "same",
        data: { train: "train.csv", test: "test.csv" },
        features: [
          { name: "click", column: "age", type: "numeric" },
          { name: "constant", column: "age", type: "numeric" },
          { name: "Concat", column: "city", type: "id", embedding_dim: 2 },
        ],
        tasks: [{ name: "click" }],
        model: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] },
        training: { batch_size: 64, epochs: 1 },
      }
      """)
    let found = try ONNXCase(trained, .encoded)
    #expect(found.difference < 1e-5)
    #expect(found.model.inputs.map(\.name) == ["click.input", "constant", "Concat"])
  }

  @Test func numbersOfTheWireFormat() throws {
    var writer = ProtobufWriter()
    writer.integer(3, -1)
    writer.integer(1, 300)
    writer.text(2, "")
    writer.element(2, "")
    writer.message(400) { $0.text(1, String(repeating: "é", count: 200)) }
    let message = try ProtobufMessage(writer.bytes)
    #expect(message.integers(3) == [-1] && message.integers(1) == [300])
    #expect(message.texts(2) == [""])
    #expect(try message.messages(400)[0].text(1).utf8.count == 400)
    #expect(writer.bytes.starts(with: [0x18] + Array(repeating: 0xFF, count: 9) + [0x01, 0x08]))
  }

  @Test func refusals() throws {
    let plan = try TrainedPlan.mmoe().plan
    var other = plan
    other.parameters[0].shape = [1]
    #expect(throws: ExportError.self) { try ONNXExport(other, inputs: .encoded) }
    other = plan
    other.specText = "{ name: 1"
    let onnx = try #require(ExportFormat.all.first { $0.name == "onnx" })
    let error = #expect(throws: ExportError.self) {
      try onnx.files(of: other, ExportOptions(fileName: "m.onnx"))
    }
    #expect(error?.message.contains("cannot be built again") == true)
    other = plan
    other.episodes = EpisodeSettings(
      kind: .rows(support: 1, queries: 1), steps: 1, tasksPerStep: 1, evaluationEpisodes: 0,
      evaluationInterval: 0)
    #expect(throws: ExportError.self) { try ONNXExport(other, inputs: .encoded) }
  }
}
