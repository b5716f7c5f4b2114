import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema
import TestSupport
import Testing

/// Every model eagerly and compiled: losses, predictions, gradients and parameters of 20 steps.
@Suite struct ModelDifferentialTests {
  /// The list of all tests, and what it has nothing of: dropout, conditional outputs, activations
  /// that no product applies, normalization and interactions of features.
  static let models =
    ModelSpecs.all.map(\.model) + [
      "{ type: 'mmoe', num_experts: 4, expert_hidden_units: [8], dropout: 0.2 }",
      "{ type: 'mmoe', num_experts: 3, expert_hidden_units: [16, 8], gate_hidden_units: [5],"
        + " tower_hidden_units: [8], activation: 'silu' }",
      "{ type: 'mmoe', num_experts: 3, expert_hidden_units: [8], tower_hidden_units: [4],"
        + " activation: 'dice', interaction: { type: 'dcn_v2', layers: 2, rank: 3 } }",
      "{ type: 'shared_bottom', bottom_hidden_units: [8], activation: 'prelu', layer_norm: true,"
        + " interaction: { type: 'dcn_v2', layers: 1 } }",
      "{ type: 'cgc', expert_hidden_units: [8], activation: 'gelu', interaction: { type: 'fm' } }",
      "{ type: 'esmm', tower_hidden_units: [6], activation: 'leaky_relu', batch_norm: true,"
        + " interaction: { type: 'bi_interaction' } }",
      "{ type: 'ple', num_levels: 3, expert_hidden_units: [8], tower_hidden_units: [8] }",
      "{ type: 'aitm', tower_hidden_units: [8], conditional_outputs: true }",
    ]

  /// Of the list of all tests, and with layers that treat rows of members in other ways.
  static let ensembles =
    ModelSpecs.all.map(\.model).filter { !$0.contains("batch_norm") }
    + [
      "{ type: 'mmoe', num_experts: 3, expert_hidden_units: [8], dropout: 0.2, layer_norm: true,"
        + " activation: 'tanh' }",
      "{ type: 'cgc', expert_hidden_units: [8], activation: 'prelu', interaction: { type: 'fm' } }",
      "{ type: 'shared_bottom', bottom_hidden_units: [], tower_hidden_units: [] }",
    ]

  static let poolings = ["sum", "max", "attention', attention_target: 'job"]
  static let taskLists = [
    "[{ name: 'a', loss: 'focal' }, { name: 'b', loss: 'huber', weight: 0.5 },"
      + " { name: 'c', loss: 'mae' }, { name: 'd', loss: 'mse' }, { name: 'z', loss: 'ziln' },"
      + " { name: 'e', label_smoothing: 0.1 }]",
    "[{ name: 'a', classes: ['x', 'y', 'z'] }, { name: 'b' },"
      + " { name: 'c', classes: ['x', 'y'], label_smoothing: 0.2, weight: 2 }]",
  ]

  @Test(arguments: models)
  func modelAgrees(model: String) throws {
    try compare(spec(model: model))
  }

  @Test(arguments: ensembles)
  func ensembleAgrees(model: String) throws {
    let ensemble = "\(model.dropLast(2)), ensemble: { type: 'tabm', members: 5 } }"
    for hasMissingLabels in [false, true] {
      try compare(
        spec(model: ensemble, sex: ", embedding_dim: 4"), hasMissingLabels: hasMissingLabels)
    }
  }

  /// By plain gradient descent: signs of errors that cancel over the rows of a member leave rounding, of
  /// which Adam makes steps as large as any.
  @Test(arguments: taskLists)
  func lossesOfEnsemblesAgree(tasks: String) throws {
    let model =
      "{ type: 'shared_bottom', bottom_hidden_units: [8], activation: 'tanh',"
      + " ensemble: { type: 'tabm', members: 3 } }"
    let optimizer = Optimizer(kind: .sgd, learningRate: 0.1)
    try compare(spec(model: model, tasks: tasks, sex: ", embedding_dim: 4"), optimizer)
    try compare(
      spec(model: model, tasks: tasks, weighting: "uncertainty", sex: ", embedding_dim: 4"),
      optimizer)
  }

  /// Numbers in bins, two of them with layers of their own, beside a plain one.
  @Test(arguments: ["", ", ensemble: { type: 'tabm', members: 4 }"])
  func numbersInBinsAgree(ensemble: String) throws {
    let bins = "type: 'numeric', encoding: 'piecewise_linear'"
    try compare(
      spec(
        model: "{ type: 'shared_bottom', bottom_hidden_units: [8]\(ensemble) }",
        sex:
          ", embedding_dim: 4 }, { columns: ['u', 'v'], \(bins), num_bins: 5, embedding_dim: 3 },"
          + " { name: 'w', \(bins), num_bins: 2"))
  }

  /// Numbers as sines and cosines, two of them with layers of their own, beside a plain one.
  @Test(arguments: ["", ", ensemble: { type: 'tabm', members: 4 }"])
  func periodicNumbersAgree(ensemble: String) throws {
    let periodic = "type: 'numeric', encoding: 'periodic'"
    try compare(
      spec(
        model: "{ type: 'shared_bottom', bottom_hidden_units: [8]\(ensemble) }",
        sex:
          ", embedding_dim: 4 }, { columns: ['u', 'v'], \(periodic), num_frequencies: 5,"
          + " frequency_scale: 0.4, embedding_dim: 3 }, { name: 'w', \(periodic), raw: true"))
  }

  @Test(arguments: poolings)
  func poolingAgrees(pooling: String) throws {
    try compare(spec(model: Self.models[0], pooling: pooling))
  }

  @Test(arguments: taskLists)
  func lossesAgree(tasks: String) throws {
    try compare(spec(model: Self.models[0], tasks: tasks))
    try compare(spec(model: Self.models[0], tasks: tasks, weighting: "uncertainty"))
  }

  static let groupTasks = [
    "[{ name: 'a', loss: 'pairwise_logistic' }, { name: 'b', loss: 'jrc', jrc_alpha: 0.3 }]",
    "[{ name: 'a', loss: 'jrc', negative_sampling_rate: 0.5 },"
      + " { name: 'b', loss: 'pairwise_logistic', weight: 0.5 }, { name: 'c', loss: 'mse' }]",
  ]

  /// By plain gradient descent: what all rows of a group share has no gradient but rounding, of which
  /// Adam makes steps as large as any.
  @Test(arguments: groupTasks)
  func lossesOfGroupsAgree(tasks: String) throws {
    let model = "{ type: 'mmoe', num_experts: 3, expert_hidden_units: [8], activation: 'tanh' }"
    for hasMissingLabels in [false, true] {
      for weighting in ["fixed", "uncertainty"] {
        try compare(
          spec(model: model, tasks: tasks, weighting: weighting, data: ", group_by: 'user'"),
          hasMissingLabels: hasMissingLabels, Optimizer(kind: .sgd, learningRate: 0.1))
      }
    }
  }

  @Test func maskedLabelsAgree() throws {
    // Smooth, so that no rounding flips a unit.
    let model = "{ type: 'mmoe', num_experts: 3, expert_hidden_units: [8], activation: 'tanh' }"
    try compare(spec(model: model), hasMissingLabels: true)
  }

  /// At the sizes of real batches and layers the arena is at most a twentieth larger than what lives in
  /// it at one time. In layers of three units the padding of buffers to 16 floats would count for more.
  @Test(arguments: models, [32, 256])
  func arenaIsTight(model: String, rows: Int) throws {
    let wide = model.replacing(/[0-9]+(?=[^\[\]]*\])/) { "\(4 * (Int($0.output) ?? 1))" }
    let spec = try spec(model: wide)
    let builder = GraphBuilder(name: "model")
    try buildModel(
      spec, schema: schema(spec), purpose: .train, hasMissingLabels: false, on: builder)
    let optimizer = Optimizer(kind: .adam, learningRate: 0.01)
    let runner = try PlanRunner(builder.graph, capacity: rows, optimizer: optimizer)
    #expect(runner.reports.count == 3)
    for report in runner.reports {
      #expect(report.arenaLowerBound > 0)
      #expect(
        Double(report.arenaFloats) <= 1.05 * Double(report.arenaLowerBound),
        "\(report.kind): \(report.arenaFloats) floats for \(report.arenaLowerBound)")
    }
  }

  func spec(
    model: String, tasks: String = "[{ name: 'income' }, { name: 'married' }]",
    pooling: String = "mean",
    weighting: String = "fixed", data: String = "", sex: String = ", encoding: 'one_hot'"
  ) throws -> Spec {
    try Spec(
      text: """
        {
          data: { train: 'a'\(data) },
          features: [
            { name: 'job', type: 'id', embedding_dim: 4 },
            { name: 'town', type: 'sequence', embedding_dim: 4, max_length: 5,
              pooling: '\(pooling)' },
            { name: 'sex', type: 'id'\(sex) },
            { columns: 'x0..x2', type: 'numeric' },
          ],
          tasks: \(tasks),
          model: \(model),
          training: { l2: 1e-3, embedding_l2: 1e-3, task_weighting: '\(weighting)' },
        }
        """, file: "s.json5")
  }

  func schema(_ spec: Spec) -> DataSchema {
    let ids = IdEncoding.vocabulary(["a", "b", "c", "d", "e"])
    let features = spec.dataDeclaration.features.map { feature in
      let encoder: FeatureSchema.Encoder =
        switch feature.kind {
        case .id: .id(ids)
        case .numeric: .numeric(Normalizer())
        case .piecewise(let bins, _):
          .numeric(
            Normalizer(
              curve: NumberCurve(
                inputs: (0...bins).map(Double.init), outputs: (0...bins).map(Double.init),
                isClamped: false)))
        case .bucketized: .bucketized(boundaries: [0])
        case .sequence(_, let layout): .sequence(ids, layout)
        case .cross(let columns, let buckets): .cross(columns, buckets: buckets)
        case .vector(let layout): .vector(layout)
        }
      return FeatureSchema(name: feature.name, column: feature.column, encoder: encoder)
    }
    return DataSchema(
      format: TableFormat(), features: features, labels: spec.dataDeclaration.labels,
      groupColumn: spec.dataDeclaration.groupColumn)
  }

  private func feeds(
    _ layout: FeedLayout, rows: Int, _ random: inout SplitMix64
  ) -> [InputID: [Double]] {
    var feeds: [InputID: [Double]] = [:]
    for feed in layout.feeds {
      feeds[InputID(feed.name)] = (0..<rows * feed.width).map { place in
        let draw = random.next()
        // Groups of five rows and, now and then, rows without one.
        if feed.name == FeedLayout.group { return Double(place / 2 / 5 % 4) }
        if feed.name == FeedLayout.labels || feed.name == FeedLayout.labelMask {
          return Double(draw % 2)
        }
        if feed.name == FeedLayout.ids { return Double(draw % 6) }
        return feed.isInteger ? Double(draw % 7) - 1 : Double(draw % 2001) / 1000 - 1
      }
    }
    return feeds
  }

  private func compare(
    _ spec: Spec, hasMissingLabels: Bool = false,
    _ optimizer: Optimizer = Optimizer(kind: .adam, learningRate: 0.01)
  ) throws {
    let schema = schema(spec)
    let builder = GraphBuilder(name: "model")
    try buildModel(
      spec, schema: schema, purpose: .train, hasMissingLabels: hasMissingLabels, on: builder)
    let rows = 24
    let runner = try PlanRunner(builder.graph, capacity: rows, optimizer: optimizer)
    runner.session.initialize(seed: 1)
    let eager = EagerModel<Float>(seed: 1, optimizer: optimizer) { engine in
      try buildModel(
        spec, schema: schema, purpose: .train, hasMissingLabels: hasMissingLabels, on: engine)
    }
    var random = SplitMix64(seed: 11)
    for step in 0..<20 {
      let feeds = feeds(schema.feeds, rows: rows, &random)
      let storages = Dictionary(
        uniqueKeysWithValues: schema.feeds.feeds.map { feed in
          let values = feeds[InputID(feed.name)] ?? []
          let storage: EagerStorage<Float> =
            feed.isInteger ? .ids(values.map { Int32($0) }) : .floats(values.map { Float($0) })
          return (InputID(feed.name), storage)
        })
      let gradients = try runner.run(.gradients, rows: rows, feeds: feeds)
      let found = try runner.run(.train, rows: rows, feeds: feeds)
      let expected = try eager.step(batchSize: rows, feeds: storages)
      for (name, value) in found {
        guard let tensor = expected[name] else { continue }
        expectClose(value, tensor.floats, "\(name) of step \(step)")
      }
      for (name, value) in eager.gradients {
        expectClose(gradients["gradient.\(name.name)"] ?? [], value, "gradient of \(name)")
      }
    }
    for parameter in builder.graph.parameters {
      let value = try #require(eager.engine.variable(parameter.id)).values
      expectClose(try runner.session.parameter(parameter.id.name), value, "\(parameter.id)")
    }
  }

  private func expectClose(_ found: [Float], _ expected: [Float], _ place: String) {
    guard found.count == expected.count else {
      Issue.record("\(place): \(found.count) values where \(expected.count) are expected")
      return
    }
    // Sums that cancel are as exact as their terms, of which the largest are about 0.1.
    let scale = max(expected.map { abs($0) }.max() ?? 0, 0.1)
    for (a, b) in zip(found, expected) where !(abs(a - b) <= 1e-4 * scale) {
      Issue.record("\(place): \(a) where \(b) is expected")
      return
    }
  }
}
