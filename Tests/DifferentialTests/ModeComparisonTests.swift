import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema
import TestSupport
import Testing

/// The comparison behind `mtlc compare`: it accepts what agrees and finds what does not.
@Suite struct ModeComparisonTests {
  /// Rows of random numbers with labels that follow from them.
  struct Source: BatchSource {
    let feeds = [
      FeedLayout.Feed(name: FeedLayout.numeric, width: 3, isInteger: false),
      FeedLayout.Feed(name: FeedLayout.labels, width: 2, isInteger: false),
      FeedLayout.Feed(name: FeedLayout.labelMask, width: 2, isInteger: false),
    ]
    let rowCount = 100
    private let values: [[Float]]

    init() {
      var random = SplitMix64(seed: 3)
      var numbers = (0..<3 * rowCount).map { _ in Float(random.next() % 2001) / 1000 - 1 }
      for row in 0..<rowCount { numbers[3 * row] = numbers[3 * row] < 0 ? -1 : 1 }
      let labels = (0..<rowCount).flatMap { row -> [Float] in
        [numbers[3 * row] > 0 ? 1 : 0, numbers[3 * row + 1] > numbers[3 * row + 2] ? 1 : 0]
      }
      values = [numbers, labels, [Float](repeating: 1, count: 2 * rowCount)]
    }

    func copyRows(
      _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
    ) {
      for (feed, destination) in destinations.enumerated() {
        guard let target = destination?.assumingMemoryBound(to: Float.self) else { continue }
        let width = feeds[feed].width
        for (index, row) in rows.enumerated() {
          for column in 0..<width {
            target[index * width + column] = values[feed][Int(row) * width + column]
          }
        }
      }
    }
  }

  private static let plain =
    "type: 'mmoe', num_experts: 2, expert_hidden_units: [6], activation: 'tanh'"

  private func compare(
    _ options: Compiler.Options, model: String = Self.plain, batchSize: Int = 32,
    seed: UInt64 = 1, optimizer: Optimizer = Optimizer(kind: .adam, learningRate: 0.01)
  ) throws -> ComparisonReport {
    let spec = try Spec(
      text: """
        {
          data: { train: 'a' },
          features: [{ columns: 'x0..x2', type: 'numeric' }],
          tasks: [{ name: 'a' }, { name: 'b' }],
          model: { \(model) },
          training: { batch_size: \(batchSize), l2: 1e-5 },
        }
        """, file: "s.json5")
    let schema = DataSchema(
      format: TableFormat(),
      features: spec.dataDeclaration.features.map {
        FeatureSchema(name: $0.name, column: $0.column, encoder: .numeric(Normalizer()))
      }, labels: spec.dataDeclaration.labels)
    func graph(_ purpose: ProgramPurpose) throws -> Graph {
      let builder = GraphBuilder(name: "model", isTraining: purpose == .train)
      try buildModel(spec, schema: schema, purpose: purpose, hasMissingLabels: false, on: builder)
      return builder.graph
    }
    let plan = try Compiler(options: options).compile(
      Compiler.Model(
        name: "model", schema: schema,
        tasks: spec.tasks.enumerated().map { column, task in
          TaskRecord(
            name: task.name, kind: .binary, output: OutputName.prediction(task.name),
            labelColumn: column)
        },
        training: TrainingSettings(
          batchSize: batchSize, evaluationBatchSize: 32, epochs: 1, seed: 1, optimizer: optimizer),
        trainingGraph: try graph(.train), predictionGraph: try graph(.predict))
    ).plan
    let session = try Session(plan: plan, threads: 1)
    session.initialize(seed: seed)
    func eager<Scalar: EagerScalar>() -> EagerModel<Scalar> {
      EagerModel(seed: seed, optimizer: optimizer) { engine in
        try buildModel(spec, schema: schema, purpose: .train, hasMissingLabels: false, on: engine)
      }
    }
    return try ModeComparison(session: session, eager: eager(), reference: eager()).run(
      Source(), order: Array(0..<100), steps: 20)
  }

  @Test func modesAgree() throws {
    let report = try compare(Compiler.Options(includesGradients: true))
    #expect(report.agrees(), "\(report)")
    #expect(report.steps == 20)
    let names = Set(report.entries.map { "\($0.kind) \($0.name)" })
    for name in ["loss loss.a", "gradient gates.a.kernel", "parameter experts.1.dense.0.bias"] {
      #expect(names.contains(name))
    }
    // A well-behaved model leaves little room: the bounds are far below any mistake.
    #expect(report.entries.allSatisfy { $0.bound < 2e-4 && $0.distance < 1e-5 }, "\(report)")
    #expect(!report.agrees(within: 0))
  }

  /// The plan steps weights in the epilogues of products, where the batch has several tiles of rows too.
  @Test(arguments: Optimizer.Kind.allCases)
  func modesAgreeOnEveryOptimizer(_ kind: Optimizer.Kind) throws {
    let report = try compare(
      Compiler.Options(includesGradients: true), optimizer: Optimizer(kind: kind))
    #expect(report.agrees(), "\(report)")
    #expect(report.entries.allSatisfy { $0.bound < 1e-3 }, "\(report)")
  }

  /// The first number is the same in some batches of three rows, so that its gradient is zero there
  /// but for rounding. Normalization over three rows makes much of little, which the bounds follow.
  @Test(arguments: UInt64(1)...12, [Optimizer.Kind.adam, .lion])
  func roundingNoiseIsAllowed(seed: UInt64, kind: Optimizer.Kind) throws {
    let report = try compare(
      Compiler.Options(includesGradients: true), model: Self.plain + ", batch_norm: true",
      batchSize: 3, seed: seed, optimizer: Optimizer(kind: kind))
    #expect(report.agrees(), "\(report.entries.filter { $0.distance > $0.bound })")
  }

  @Test(arguments: [false, true]) func aBrokenGradientRuleIsFound(isNormalized: Bool) throws {
    var options = Compiler.Options(includesGradients: true)
    // The derivative of tanh, forgotten.
    options.gradientRules = ["tanh": { _, _, cotangents, _ in [cotangents[0]] }]
    let report = try compare(
      options, model: Self.plain + (isNormalized ? ", batch_norm: true" : ""))
    let first = try #require(
      report.entries.first { $0.kind == .gradient && $0.name == "experts.0.dense.0.kernel" })
    #expect(first.compiled > 1e-2 && first.compiled > 10 * first.bound, "\(first)")
    #expect(first.eager <= first.bound)
    #expect(!report.agrees())
    #expect(report.entries.contains { $0.kind == .parameter && $0.compiled > $0.bound })
  }

  /// A small mistake beside rounding: one part in a thousand of a derivative.
  private static let slightlyWrong: [String: Differentiate.Rule] = [
    "tanh": { emitter, node, cotangents, _ in
      let y = node.results[0]
      let slope = try emitter.sub(emitter.constant(1.001), emitter.square(y))
      return [try cotangents[0].map { try emitter.mul($0, slope) }]
    }
  ]

  @Test func aSlightlyWrongRuleIsFound() throws {
    var options = Compiler.Options(includesGradients: true)
    options.gradientRules = Self.slightlyWrong
    #expect(!(try compare(options).agrees()))
  }

  /// In a layer of one unit too, whose roundings are drawn again and again before it counts as wrong.
  @Test(arguments: UInt64(1)...4) func aSlightlyWrongRuleOfOneUnitIsFound(seed: UInt64) throws {
    var options = Compiler.Options(includesGradients: true)
    let model = "type: 'shared_bottom', bottom_hidden_units: [1], activation: 'tanh'"
    #expect(try compare(options, model: model, seed: seed).agrees())
    options.gradientRules = Self.slightlyWrong
    let report = try compare(options, model: model, seed: seed)
    let bias = try #require(
      report.entries.first { $0.kind == .gradient && $0.name == "bottom.dense.0.bias" },
      "\(report.entries.map(\.name))")
    #expect(bias.compiled > bias.bound && bias.eager <= bias.bound, "\(bias)")
    // However often they are drawn, a bound is far below what matters.
    #expect(report.entries.allSatisfy { $0.bound < 1e-3 }, "\(report)")
  }
}
