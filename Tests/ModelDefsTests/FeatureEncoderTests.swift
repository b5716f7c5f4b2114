import Foundation
import GraphIR
import ModelDefs
import Plan
import Runtime
import Schema
import TensorTypes
import TestSupport
import Testing

/// How feeds become the input of the first layer.
@Suite struct FeatureEncoderTests {
  /// The pooled embedding of a sequence, by a model that is nothing but an output layer.
  private func pooled(
    _ pooling: String, ids: [Int32], weights: [Double]? = nil
  ) throws -> (rows: [[Double]], table: [Double]) {
    var small = SpecFixture()
    small.features = """
      [{ name: 's', type: 'sequence', pooling: '\(pooling)', max_length: 3, embedding_dim: 2,
         weighted: \(weights != nil), vocab_list: ['a', 'b', 'c'] }]
      """
    small.tasks = "[{ name: 't', loss: 'mse' }]"
    small.model = "{ type: 'shared_bottom', bottom_hidden_units: [], tower_hidden_units: [] }"
    let fixture = try ModelFixture(small)
    let eager = fixture.eager(optimizer: Optimizer(kind: .sgd, learningRate: 1))
    var rows: [[Double]] = [[], []]
    var table: [Double] = []
    let batch = ids.count / 3
    for unit in 0..<2 {
      // Reads one unit of the pooled row at a time.
      var feeds: [InputID: EagerStorage<Double>] = [
        "ids.s": .ids(ids), "labels": .floats([Double](repeating: 0, count: batch)),
        "label_mask": .floats([Double](repeating: 1, count: batch)),
      ]
      if let weights { feeds["weights.s"] = .floats(weights) }
      try eager.step(batchSize: batch, feeds: feeds, isUpdating: false)
      try eager.engine.setValues(of: "towers.t.output.kernel", unit == 0 ? [1, 0] : [0, 1])
      let outputs = try eager.predict(batchSize: batch, feeds: feeds)
      rows[unit] = try #require(outputs["prediction.t"]).floats
      table = try #require(eager.engine.variable("embedding.s")).values
    }
    return (rows, table)
  }

  @Test func poolsSequences() throws {
    let ids: [Int32] = [1, 3, -1, 2, -1, -1, -1, -1, -1]
    for (pooling, combine) in [
      ("sum", { (a: Double, b: Double) in a + b }), ("mean", { ($0 + $1) / 2 }),
      ("max", { Swift.max($0, $1) }),
    ] as [(String, (Double, Double) -> Double)] {
      let (rows, table) = try pooled(pooling, ids: ids)
      for unit in 0..<2 {
        let expected = [
          combine(table[2 + unit], table[6 + unit]), table[4 + unit], 0,
        ]
        for (value, expected) in zip(rows[unit], expected) {
          #expect(abs(value - expected) < 1e-9, "\(pooling)")
        }
      }
    }
  }

  /// Σ w·e / Σ |w|: bounded by the largest row, whatever the weights.
  @Test(
    arguments: [
      ([3, 1], [0.75, 0.25]), ([-1, 0], [-1, 0]), ([1, -1], [0.5, -0.5]),
      ([1, -0.999_999], [0.500_000_25, -0.499_999_75]), ([0, 0], [0, 0]), ([1e-9, 0], [1, 0]),
      ([-2, -2], [-0.5, -0.5]),
    ] as [([Double], [Double])])
  func weighsTheIdsOfASequence(weights: [Double], shares: [Double]) throws {
    let (rows, table) = try pooled("mean", ids: [1, 3, -1], weights: weights + [0])
    for unit in 0..<2 {
      let expected = shares[0] * table[2 + unit] + shares[1] * table[6 + unit]
      #expect(abs(rows[unit][0] - expected) < 1e-9)
    }
  }

  @Test func attendsToATarget() throws {
    let engine = EagerEngine<Double>(seed: 2)
    let embeddings: [Double] = [1, 0, 0, 2, 5, 5, 0, 0, 0, 0, 0, 0]
    engine.beginStep(
      batchSize: 2,
      feeds: [
        "rows": .floats(embeddings), "present": .floats([1, 1, 0, 0, 0, 0]),
        "target": .floats([1, 2, 1, 2]),
      ])
    let items = SequenceItems(
      rows: try engine.input("rows", .f32(.batch, 3, 2)),
      present: try engine.input("present", .f32(.batch, 3)), weights: nil)
    let target = try engine.input("target", .f32(.batch, 2))
    let pooled = try engine.attentionPooled(items, target: target, name: "b")
    #expect(pooled.sizes == [2, 2])
    #expect(Array(pooled.floats[2...]) == [0, 0])
    let values = try #require(engine.variable("b.kernel")).values
    let query = [values[0] + 2 * values[2], values[1] + 2 * values[3]]
    let scores = [query[0], 2 * query[1]].map { $0 / 2.0.squareRoot() }
    let share = 1 / (1 + exp(scores[1] - scores[0]))
    #expect(abs(pooled.floats[0] - share) < 1e-9)
    #expect(abs(pooled.floats[1] - 2 * (1 - share)) < 1e-9)
  }

  /// Padding has no share, however little the ids fit.
  @Test func attentionLeavesPaddingOut() throws {
    let engine = EagerEngine<Double>(seed: 1)
    func pooled(_ size: Double) throws -> Double {
      engine.beginStep(
        batchSize: 1,
        feeds: [
          "rows": .floats([size, 0]), "present": .floats([1, 0]), "target": .floats([size]),
        ])
      let items = SequenceItems(
        rows: try engine.input("rows", .f32(.batch, 2, 1)),
        present: try engine.input("present", .f32(.batch, 2)), weights: nil)
      return try engine.attentionPooled(
        items, target: engine.input("target", .f32(.batch, 1)), name: "b"
      ).floats[0]
    }
    _ = try pooled(1)
    try engine.setValues(of: "b.kernel", [-1])
    for size in [1.0, 1e6, -1e10] { #expect(try pooled(size) == size) }
  }

  @Test func attentionReadsTheTargetsEmbedding() throws {
    var small = SpecFixture()
    small.features = """
      [{ name: 's', type: 'sequence', pooling: 'attention', attention_target: 'item',
         embedding_name: 'e' }, { name: 'item', type: 'id', embedding_name: 'e' }]
      """
    let graph = try ModelFixture(small).graph(.train)
    #expect(graph.parameter("attention.s.kernel")?.type == .f32(8, 8))
  }

  /// Features share a table by its name, or with the feature that it is named after.
  @Test(arguments: ["name: 'a', embedding_name: 'e'", "name: 'e'"])
  func sharesTables(first: String) throws {
    var small = SpecFixture()
    small.features = """
      [{ \(first), type: 'id' },
       { name: 'b', type: 'id', embedding_name: 'e' },
       { name: 'c', type: 'sequence', embedding_name: 'e' }]
      """
    let fixture = try ModelFixture(small)
    #expect(fixture.spec.dataDeclaration.features.allSatisfy { $0.vocabulary == "e" })
    let tables = try fixture.graph(.predict).parameters.filter {
      $0.id.name.hasPrefix("embedding.")
    }
    #expect(tables.map(\.id) == ["embedding.e"])
  }

  @Test func oneHotColumnsShareNoTable() throws {
    var small = SpecFixture()
    small.features = """
      [{ name: 'e', type: 'id', encoding: 'one_hot' },
       { name: 'b', type: 'id', embedding_name: 'e' }]
      """
    #expect(try ModelFixture(small).spec.dataDeclaration.features.map(\.vocabulary) == [nil, "e"])
  }

  /// `l2` is that of every kernel, whatever layer it belongs to; `embedding_l2` that of tables.
  @Test(arguments: ModelSpecs.all.map(\.model)) func penalisesKernelsAndTables(model: String) throws
  {
    var small = SpecFixture()
    small.features = """
      [{ name: 'job', type: 'id', embedding_dim: 4 },
       { name: 'town', type: 'sequence', pooling: 'attention', attention_target: 'job',
         embedding_dim: 4 }]
      """
    small.tasks = "[{ name: 'income' }, { name: 'married' }]"
    small.model = model
    small.training = "{ l2: 0.5, embedding_l2: 0.25 }"
    var kernels: Set<String> = []
    for parameter in try ModelFixture(small).graph(.train).parameters {
      let name = parameter.id.name
      let isKernel = name.hasSuffix(".kernel")
      let expected = name.hasPrefix("embedding.") ? 0.25 : isKernel ? 0.5 : 0
      #expect(parameter.l2 == expected, "\(name)")
      if isKernel { kernels.insert(name) }
    }
    #expect(kernels.contains("attention.town.kernel"))
  }
}
