import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema
import TestSupport
import Testing
import Transport

/// A batch that goes through the model in parts takes the step of the batch in one piece.
@Suite struct MicroBatchTests {
  /// Ids of two tables and of one-hot columns, numbers, labels of which some are missing, weights.
  private struct Source: BatchSource {
    let feeds: [FeedLayout.Feed]
    let rowCount = 90
    private let values: [[Int32]]

    init(_ schema: DataSchema) {
      var random = SplitMix64(seed: 11)
      feeds = schema.feeds.feeds
      var values: [[Int32]] = []
      for feed in feeds {
        let isLabel = feed.name == FeedLayout.labels || feed.name == FeedLayout.labelMask
        values.append(
          (0..<rowCount * feed.width).map { _ in
            let draw = random.next()
            if feed.isInteger { return Int32(draw % 5) - (feed.name == FeedLayout.ids ? 0 : 1) }
            let number = isLabel ? Float(draw % 3 == 0 ? 0 : 1) : Float(draw % 1999) / 1000 + 0.01
            return Int32(bitPattern: number.bitPattern)
          })
      }
      self.values = values
    }

    func copyRows(
      _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
    ) {
      for (feed, destination) in destinations.enumerated() {
        guard let target = destination?.assumingMemoryBound(to: Int32.self) else { continue }
        let width = feeds[feed].width
        for (index, row) in rows.enumerated() {
          for column in 0..<width {
            target[index * width + column] = values[feed][Int(row) * width + column]
          }
        }
      }
    }
  }

  /// A model with its data, its plan and its eager twin.
  private struct Subject {
    let spec: Spec
    let schema: DataSchema
    private let isWeighted: Bool

    /// - Parameter isWeighted: Whether rows have weights, and some labels are missing.
    init(
      model: String = "", training: String = "", batch: Int = 24, isWeighted: Bool = true
    ) throws {
      self.isWeighted = isWeighted
      spec = try Spec(
        text: """
          {
            data: { train: 'a'\(isWeighted ? ", sample_weight: 'w'" : "") },
            features: [
              { columns: ['u', 'v'], type: 'id', vocab_list: ['0', '1', '2', '3'], embedding_dim: 3 },
              { name: 's', type: 'sequence', vocab_list: ['0', '1', '2', '3'], embedding_dim: 2,
                max_length: 3, pooling: 'mean' },
              { name: 'o', type: 'id', vocab_list: ['0', '1', '2', '3'], encoding: 'one_hot' },
              { columns: 'x0..x2', type: 'numeric' },
            ],
            tasks: [{ name: 'a' }, { name: 'b', weight: 0.5 }],
            model: {
              type: 'mmoe', num_experts: 2, expert_hidden_units: [6], activation: 'tanh', \(model)
            },
            training: { batch_size: \(batch), \(training) },
          }
          """, file: "s.json5")
      let declaration = spec.dataDeclaration
      let encoding = IdEncoding.vocabulary(["0", "1", "2", "3"])
      schema = DataSchema(
        format: TableFormat(),
        features: declaration.features.map { feature in
          let encoder: FeatureSchema.Encoder =
            switch feature.kind {
            case .sequence(_, let layout): .sequence(encoding, layout)
            case .numeric: .numeric(Normalizer())
            default: .id(encoding)
            }
          return FeatureSchema(name: feature.name, column: feature.column, encoder: encoder)
        }, labels: declaration.labels, sampleWeightColumn: isWeighted ? "w" : nil)
    }

    private func settings(_ microBatches: Int) -> TrainingSettings {
      var settings = spec.training
      settings.microBatches = MicroBatches(microBatches)
      return settings
    }

    func plan(_ microBatches: Int) throws -> Plan {
      let settings = settings(microBatches)
      func graph(_ purpose: ProgramPurpose) throws -> Graph {
        let builder = GraphBuilder(name: "model", isTraining: purpose == .train)
        try buildModel(
          spec, schema: schema, purpose: purpose, hasMissingLabels: isWeighted,
          isPart: settings.microBatches.isOn, on: builder)
        return builder.graph
      }
      return try Compiler(options: Compiler.Options(includesGradients: true)).compile(
        Compiler.Model(
          name: "model", schema: schema,
          tasks: spec.tasks.enumerated().map { column, task in
            TaskRecord(
              name: task.name, kind: .binary, output: OutputName.prediction(task.name),
              labelColumn: column)
          }, training: settings, trainingGraph: try graph(.train),
          predictionGraph: try graph(.predict))
      ).plan
    }

    func eager<Scalar: EagerScalar>(_ microBatches: Int) -> EagerModel<Scalar> {
      let settings = settings(microBatches)
      return EagerModel(
        seed: 3, optimizer: settings.optimizer, clipping: settings.clipping,
        weighting: settings.taskWeighting, tasks: settings.taskWeights,
        microBatches: settings.microBatches
      ) { engine in
        try buildModel(
          spec, schema: schema, purpose: .train, hasMissingLabels: isWeighted,
          isPart: settings.microBatches.isOn, on: engine)
      }
    }

    /// The feeds of some rows.
    func feeds<Scalar: EagerScalar>(_ rows: Range<Int32>) throws -> EagerModel<Scalar>.Feeds {
      let source = Source(schema)
      let memory = FeedMemory(source.feeds, rows: rows.count)
      Array(rows).withUnsafeBufferPointer { source.copyRows($0, into: memory.blocks) }
      return memory.storage(rows: rows.count)
    }

    func engine(
      _ microBatches: Int, threads: Int = 1, transport: (any Transport)? = nil
    ) throws -> StaticEngine {
      let session = try Session(plan: plan(microBatches), threads: threads)
      session.initialize(seed: 3)
      return try StaticEngine(session, transport: transport)
    }

    func train(_ engine: StaticEngine) throws -> TrainingReport {
      let steps = try RowSteps(
        engine, spec.training, Source(schema),
        order: { epoch in EpochOrder((0..<90).map { Int32(($0 * 7 + epoch * 3) % 90) }) })
      return try Trainer(steps).train()
    }

    /// The gradients of a step on the first rows.
    func gradients(_ engine: StaticEngine, rows: Int) throws -> [String: [Float]] {
      let source = Source(schema)
      var destinations = [try engine.destinations(for: source.feeds, .train)]
      if engine.session.plan.program(.gradients) != nil {
        let blocks = try engine.session.feeds(.gradients)
        destinations.append(
          source.feeds.map { feed in blocks.first { $0.name == feed.name }?.base })
      }
      for targets in destinations {
        (0..<Int32(rows)).map { $0 }.withUnsafeBufferPointer { source.copyRows($0, into: targets) }
      }
      return try engine.gradients(rows: rows)
    }
  }

  private static let lazy = "sparse_optimizer: { type: 'lazy_adam' }"

  /// In double precision the gradients, losses and weights after some steps are those of batches in one piece:
  /// dropout and missing labels included.
  @Test(
    arguments: [
      "", Self.lazy, "gradient_clip_norm: 0.05", "gradient_clip_value: 0.01, \(Self.lazy)",
      "task_weighting: 'uncertainty', l2: 0.01", "task_weighting: 'dwa', embedding_l2: 0.01",
      "optimizer: { type: 'lion' }",
    ], [3, 24])
  func partsAreTheWhole(training: String, microBatches: Int) throws {
    let subject = try Subject(model: "dropout: 0.3", training: training)
    let whole: EagerModel<Double> = subject.eager(1)
    let parts: EagerModel<Double> = subject.eager(microBatches)
    func expectNear(_ a: [Double], _ b: [Double], _ what: String) {
      #expect(a.count == b.count && !a.isEmpty)
      for (x, y) in zip(a, b) { #expect(abs(x - y) <= 1e-9 * max(1, abs(y)), "\(what)") }
    }
    for step in 0..<4 {
      let rows = Int32(step * 20)..<Int32(step * 20 + (step == 3 ? 13 : 24))
      let expected = try whole.step(batchSize: rows.count, feeds: try subject.feeds(rows))
      let found = try parts.step(batchSize: rows.count, feeds: try subject.feeds(rows))
      for name in ["loss", "loss.a", "loss.b"] {
        expectNear(try #require(found[name]).floats, try #require(expected[name]).floats, name)
      }
      for (id, gradient) in whole.gradients {
        expectNear(try #require(parts.gradients[id]), gradient, "gradient of \(id) at \(step)")
      }
    }
    for id in whole.engine.parameterIDs {
      expectNear(
        try #require(parts.engine.variable(id)).values,
        try #require(whole.engine.variable(id)).values, "\(id)")
    }
  }

  /// The compiled step of parts against that of the whole, and both modes against each other.
  @Test(arguments: [
    "", Self.lazy, "sparse_optimizer: { type: 'ftrl' }", "gradient_clip_value: 0.01, \(Self.lazy)",
    "gradient_clip_norm: 0.05", "task_weighting: 'uncertainty'", "task_weighting: 'dwa'",
    "optimizer: { type: 'adamw' }, \(Self.lazy)", "optimizer: { type: 'sgd', momentum: 0.9 }",
  ])
  func modesAgree(training: String) throws {
    for (microBatches, model) in [(4, ""), (5, "batch_norm: true, dropout: 0.3")] {
      let subject = try Subject(model: model, training: training)
      let report = try ModeComparison(
        session: try subject.engine(microBatches).session, eager: subject.eager(microBatches),
        reference: subject.eager(microBatches)
      ).run(Source(subject.schema), order: Array(0..<90), steps: 6)
      #expect(report.agrees(), "\(training) \(report.entries.filter { $0.distance > $0.bound })")
      #expect(report.entries.contains { $0.kind == .gradient && $0.name == "embedding.u" })
    }
  }

  /// The sum of four products of f32 is off by a few units of the largest part.
  @Test(arguments: ["", Self.lazy, "gradient_clip_value: 0.01, \(Self.lazy)"], [2, 7])
  func compiledGradientsAreThoseOfTheWhole(training: String, microBatches: Int) throws {
    let subject = try Subject(training: training)
    let whole = try subject.gradients(subject.engine(1), rows: 23)
    let parts = try subject.gradients(subject.engine(microBatches), rows: 23)
    #expect(Set(whole.keys) == Set(parts.keys) && whole.keys.contains("embedding.v"))
    for (name, gradient) in whole {
      let scale = gradient.map { abs($0) }.max() ?? 0
      for (x, y) in zip(try #require(parts[name]), gradient) {
        #expect(abs(x - y) <= 4e-6 * max(scale, 1e-3), "\(name)")
      }
    }
  }

  /// The sums are those of the tree over the places, bit by bit.
  @Test(arguments: [2, 3, 4, 6, 7, 8]) func sumsAreThoseOfTheTree(microBatches: Int) throws {
    let subject = try Subject(batch: 8 * microBatches, isWeighted: false)
    let engine = try subject.engine(microBatches)
    let found = try subject.gradients(engine, rows: 8 * microBatches)
    let source = Source(subject.schema)
    let destinations = source.feeds.map { feed in
      try? engine.session.feed(feed.name, .train).base
    }
    let share = Float(1 / Double(microBatches))
    let parts = try (0..<microBatches).map { place in
      (8 * Int32(place)..<8 * Int32(place + 1)).map { $0 }.withUnsafeBufferPointer {
        source.copyRows($0, into: destinations)
      }
      try engine.session.run(.train, rows: 8)
      return try found.mapValues { _ in [Float]() }.reduce(into: [String: [Float]]()) {
        $0[$1.key] = try engine.session.gradient($1.key).map { $0 * share }
      }
    }
    func sum(_ places: Range<Int>, _ name: String, _ k: Int) -> Float {
      guard places.count > 1 else { return parts[places.lowerBound][name]?[k] ?? .nan }
      var half = 1
      while 2 * half < places.count { half *= 2 }
      let middle = places.lowerBound + half
      return sum(places.lowerBound..<middle, name, k) + sum(middle..<places.upperBound, name, k)
    }
    for (name, gradient) in found {
      for k in gradient.indices {
        #expect(gradient[k] == sum(0..<microBatches, name, k), "\(name) \(k)")
      }
    }
  }

  /// Weights wide enough that threads share the sums; the same bits on any number of them.
  @Test(arguments: [4, 5]) func threadsDoNotMatter(microBatches: Int) throws {
    let subject = try Subject(
      model: "tower_hidden_units: [260, 150], batch_norm: true, dropout: 0.2",
      training: "epochs: 2, \(Self.lazy)")
    let one = try subject.engine(microBatches)
    let report = try subject.train(one)
    for threads in [2, 3] {
      let several = try subject.engine(microBatches, threads: threads)
      several.session.adaptsThreads = false
      #expect(try subject.train(several).epochs.map(\.loss) == report.epochs.map(\.loss))
      #expect(several.session.weights == one.session.weights)
      #expect(several.session.optimizerStates == one.session.optimizerStates)
    }
    let weights = try one.session.parameter(MicroBatches.weightsParameter)
    #expect(weights == [0, 0, 0])
  }

  /// What a worker comes to.
  private struct Trained: Sendable, Equatable {
    var weights: [Float]
    var states: [[Float]]
    var losses: [[Double?]]
  }

  private static func trained(
    _ subject: Subject, _ microBatches: Int, _ transport: (any Transport)?
  ) throws -> Trained {
    let engine = try subject.engine(microBatches, transport: transport)
    let report = try subject.train(engine)
    return Trained(
      weights: engine.session.weights, states: engine.session.optimizerStates,
      losses: report.epochs.map { [$0.loss] + $0.taskLosses })
  }

  /// Workers that share the micro-batches end with the bits of one alone; the last batch of an epoch has fewer rows
  /// than some have micro-batches.
  @Test(arguments: [
    (8, [2, 4, 8]), (12, [3, 6]), (24, [6, 24]), (6, [3, 6]),
  ])
  func workersDoNotMatter(microBatches: Int, workers: [Int]) throws {
    for training in [
      "epochs: 2, \(Self.lazy)",
      "epochs: 2, task_weighting: 'dwa', gradient_clip_norm: 0.1, optimizer: { type: 'lion' }",
      "epochs: 2, gradient_clip_value: 0.01, sparse_optimizer: { type: 'rowwise_adagrad' }",
    ] {
      let subject = try Subject(model: "batch_norm: true, dropout: 0.2", training: training)
      let alone = try Self.trained(subject, microBatches, nil)
      for count in workers {
        let results = Guarded<[Trained]>([])
        let ends = ThreadTransport.group(count)
        let threads = ends.map { end in
          SystemThread {
            do {
              let trained = try Self.trained(subject, microBatches, end)
              results.withLock { $0.append(trained) }
            } catch {
              end.fail("\(error)")
              Issue.record(error)
            }
          }
        }
        for thread in threads { thread?.join() }
        let found = results.withLock { $0 }
        #expect(found.count == count && found.allSatisfy { $0 == alone }, "\(count) \(training)")
      }
    }
  }

  @Test func sharesThatAreNoSubtreesAreRefused() throws {
    let subject = try Subject()
    for (microBatches, workers) in [(8, 3), (12, 2), (12, 4), (1, 2), (2, 4)] {
      let end = ThreadTransport.group(workers)[0]
      #expect(throws: TransportError.self) {
        try subject.engine(microBatches, transport: end)
      }
    }
  }

  /// Intermediate values take the memory of a micro-batch.
  @Test func theArenaIsThatOfAPart() throws {
    let subject = try Subject(batch: 64)
    let (whole, parts) = (try subject.plan(1), try subject.plan(8))
    let train = try #require(parts.program(.train))
    #expect(train.batchCapacity == 8 && parts.program(.update)?.batchCapacity == 64)
    #expect(try 6 * train.arenaFloats < #require(whole.program(.train)).arenaFloats)
    #expect(train.instructions.allSatisfy { $0.operands.allSatisfy { $0.access != .update } })
    #expect(whole.program(.update) == nil && parts.program(.gradients) == nil)
  }

  @Test(arguments: [TaskWeighting.pcGrad, .gradNorm(alpha: 1, learningRate: 0.1)])
  func gradientsOfTasksAreRefused(weighting: TaskWeighting) throws {
    var training = TrainingSettings(
      batchSize: 8, evaluationBatchSize: 8, epochs: 1, seed: 1, optimizer: Optimizer())
    training.microBatches = MicroBatches(2)
    training.taskWeighting = weighting
    let builder = GraphBuilder(name: "g", isTraining: true)
    let x = try builder.input(InputID("x"), .f32(.batch, 2))
    let w = try builder.parameter(Parameter(ParameterID("w"), .f32(2, 1), .uniform(1)))
    try builder.output("loss", builder.mean(builder.square(builder.matmul(x, w))))
    let model = Compiler.Model(
      name: "g", schema: DataSchema(format: TableFormat(), features: [], labels: []), tasks: [],
      training: training, trainingGraph: builder.graph, predictionGraph: builder.graph)
    #expect(throws: LoweringError.self) { try Compiler().compile(model) }
    var tooMany = model
    tooMany.plan.training.taskWeighting = .fixed
    tooMany.plan.training.microBatches = MicroBatches(9)
    #expect(throws: LoweringError.self) { try Compiler().compile(tooMany) }
  }
}
