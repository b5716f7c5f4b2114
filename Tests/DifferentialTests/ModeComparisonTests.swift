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
    let model = EagerModel<Float>(seed: seed, optimizer: optimizer) { engine in
      try buildModel(spec, schema: schema, purpose: .train, hasMissingLabels: false, on: engine)
    }
    return try ModeComparison(session: session, model: model).run(
      Source(), order: Array(0..<100), steps: 20)
  }

  @Test func modesAgree() throws {
    let report = try compare(Compiler.Options(includesGradients: true))
    #expect(report.largest <= 1e-4)
    #expect(report.steps == 20)
    let names = Set(report.entries.map { "\($0.kind) \($0.name)" })
    for name in ["loss loss.a", "gradient gates.a.kernel", "parameter experts.1.dense.0.bias"] {
      #expect(names.contains(name))
    }
  }

  /// The plan steps weights in the epilogues of products, where the batch has several tiles of rows too.
  @Test(arguments: Optimizer.Kind.allCases)
  func modesAgreeOnEveryOptimizer(_ kind: Optimizer.Kind) throws {
    let report = try compare(
      Compiler.Options(includesGradients: true), optimizer: Optimizer(kind: kind))
    #expect(report.largest <= 1e-4)
  }

  /// The first number is the same in some batches of three rows, so that its gradient is zero there
  /// but for rounding. Normalization over three rows makes much of little: of 40 seeds, three end with
  /// more than 1e-4, by a gradient with just more digits than count as noise, and 37 with less.
  @Test func roundingNoiseDoesNotGrow() throws {
    let largest = try (UInt64(1)...7).map { seed in
      try compare(
        Compiler.Options(includesGradients: true),
        model: Self.plain + ", batch_norm: true", batchSize: 3, seed: seed
      ).largest
    }.sorted()
    #expect(largest[3] <= 5e-5)
    #expect(largest[4] <= 1e-4)
    #expect(largest[6] <= 5e-4)
  }

  @Test func noiseIsWhatHasNoDigits() {
    let a: [Float] = [1, 2e-8, 2e-3, 3e-6, 0]
    let b: [Float] = [1.05, -1e-8, 1e-3, 3.01e-6, 0]
    // Of the first and the third, the difference is more than rounding; of the fourth, it is small
    // beside the element.
    #expect(RoundingNoise.places(a, b) == [1])
    // A penalty that cancels the gradient leaves no digits of the sum.
    #expect(RoundingNoise.places(a, b, penalty: [0, 0, 0, -3e-6, 0]) == [1, 3])
    #expect(RoundingNoise.places(a, [1]) == [])
  }

  @Test func aBrokenGradientRuleIsFound() throws {
    var options = Compiler.Options(includesGradients: true)
    // The derivative of tanh, forgotten.
    options.gradientRules = ["tanh": { _, _, cotangents, _ in [cotangents[0]] }]
    let report = try compare(options)
    let first = try #require(
      report.entries.first { $0.kind == .gradient && $0.name == "experts.0.dense.0.kernel" })
    #expect(first.difference > 1e-2)
    #expect(report.largest(.parameter) > 1e-4)
  }
}
