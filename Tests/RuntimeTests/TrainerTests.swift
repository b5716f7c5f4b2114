import Plan
import Runtime
import Schema
import Testing

/// Rows in memory, for tests.
struct ArraySource: BatchSource {
  var feeds: [FeedLayout.Feed]
  var rowCount: Int
  /// By feed, row-major.
  var columns: [[Float]]

  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
  ) {
    for (k, destination) in destinations.enumerated() {
      guard let target = destination?.assumingMemoryBound(to: Float.self) else { continue }
      let width = feeds[k].width
      for (i, row) in rows.enumerated() {
        for c in 0..<width { target[i * width + c] = columns[k][Int(row) * width + c] }
      }
    }
  }
}

/// Rows of which one cannot be read.
private struct BrokenSource: BatchSource {
  struct Failure: Error {}
  var rows: ArraySource
  var broken: Int32
  var feeds: [FeedLayout.Feed] { rows.feeds }
  var rowCount: Int { rows.rowCount }

  func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
  ) throws {
    if rows.contains(broken) { throw Failure() }
    self.rows.copyRows(rows, into: destinations)
  }
}

@Suite struct TrainerTests {
  /// No step is taken on rows that were not read, and nothing is told of the epoch.
  @Test func rowsThatCannotBeReadEndTheRun() throws {
    let source = BrokenSource(rows: Self.source(rows: 20), broken: 11)
    let engine = try Self.engine(Self.plan(capacity: 8))
    let trainer = try Self.trainer(engine, source, rows: 20)
    var told = 0
    trainer.onEpoch = { _, _ in told += 1 }
    #expect(throws: BrokenSource.Failure.self) { try trainer.train() }
    #expect(engine.step == 1 && told == 0)
    #expect(throws: BrokenSource.Failure.self) {
      try Evaluator(engine: engine, batchSize: 8).evaluate(source)
    }
  }

  /// The linear model with a predict program, and rows that it can fit.
  static func plan(capacity: Int, learningRate: Double = 0.1) -> Plan {
    var plan = SessionTests.linear(
      inputs: 3, outputs: 1, capacity: capacity,
      optimizer: Optimizer(kind: .adam, learningRate: learningRate))
    var b = PlanBuilder(.predict, capacity: 16)
    let x = b.feed("x", width: 3)
    let w = b.parameter("w", 3, 1)
    let bias = b.parameter("b", 1)
    let y = b.value(width: 1)
    b.add(.matmul(MatmulInstruction(a: x, b: w, c: y, bias: bias)))
    b.fetch("prediction.y", y)
    plan.programs.append(b.program)
    plan.tasks = [
      TaskRecord(name: "y", kind: .regression, output: "prediction.y", labelColumn: 0)
    ]
    plan.training.epochs = 3
    plan.training.seed = 9
    return plan
  }

  static func source(rows: Int, broken: Int? = nil) -> ArraySource {
    var numbers = TestNumbers(8)
    let x = numbers.array(rows * 3)
    var labels: [Float] = (0..<rows).map { row in
      let (a, b, c) = (x[3 * row], x[3 * row + 1], x[3 * row + 2])
      return a - 2 * b + c / 2 + 1
    }
    if let broken { labels[broken] = 3e38 }
    return ArraySource(
      feeds: [
        FeedLayout.Feed(name: "x", width: 3, isInteger: false),
        FeedLayout.Feed(name: "labels", width: 1, isInteger: false),
        FeedLayout.Feed(name: "label_mask", width: 1, isInteger: false),
      ], rowCount: rows,
      columns: [x, labels, (0..<rows).map { $0.isMultiple(of: 10) ? 0 : 1 }])
  }

  static func order(_ rows: Int) -> (Int) -> EpochOrder {
    { epoch in EpochOrder((0..<rows).map { Int32(($0 * 7 + epoch * 3) % rows) }) }
  }

  static func engine(_ plan: Plan) throws -> StaticEngine {
    let engine = try StaticEngine(plan: plan)
    if plan.weights == nil { engine.session.initialize(seed: plan.training.seed) }
    return engine
  }

  /// Of the engine's plan, on all rows.
  static func trainer(
    _ engine: StaticEngine, _ source: any BatchSource, rows: Int,
    validation: RowSteps.Validation? = nil
  ) throws -> Trainer {
    Trainer(
      try RowSteps(
        engine, engine.session.plan.training, source, order: order(rows), validation: validation))
  }

  @Test func learnsAndEvaluates() throws {
    var plan = Self.plan(capacity: 8)
    plan.training.epochs = 30
    let engine = try Self.engine(plan)
    let source = Self.source(rows: 101)
    let trainer = try Self.trainer(
      engine, source, rows: 101, validation: (source, (0..<50).map { $0 }))
    var statuses: [TrainingStatus] = []
    trainer.onProgress = { statuses.append($0) }
    let report = try trainer.train()
    #expect(report.epochs.count == 30)
    #expect(engine.step == 30 * 13)
    #expect((trainer.position.epoch, trainer.position.row) == (30, 0))
    let (first, last) = (report.epochs[0], report.epochs[29])
    #expect(first.rows == 101)
    #expect(last.loss < first.loss / 10)
    #expect(last.validation?.tasks[0].rows == 45)
    let metrics = try Evaluator(engine: engine, batchSize: 8).evaluate(source)
    let error = try #require(metrics["y"]?["rmse"]?.value)
    #expect(error < 0.02)
    #expect(statuses.last?.rows == 101)
    #expect(statuses.last?.epoch == 30)
    #expect(statuses.last?.secondsLeft == 0)
  }

  @Test func stoppingAndResumingGivesTheSameBits() throws {
    let source = Self.source(rows: 50)
    let whole = try Self.engine(Self.plan(capacity: 8))
    _ = try Self.trainer(whole, source, rows: 50).train()

    let first = try Self.engine(Self.plan(capacity: 8))
    let trainer = try Self.trainer(first, source, rows: 50)
    trainer.shouldStop = { first.step == 10 }
    let stopped = try trainer.train()
    #expect(stopped.isStopped)
    #expect((trainer.position.epoch, trainer.position.row) == (1, 24))
    let checkpoint = first.checkpoint(at: trainer.position)
    let second = try Self.engine(checkpoint)
    let progress = try #require(checkpoint.progress)
    let report = try Self.trainer(second, source, rows: 50).train(
      from: TrainingPosition(epoch: progress.epoch, row: progress.rowInEpoch))
    #expect(report.epochs.count == 2)
    #expect(second.session.weights == whole.session.weights)
    #expect(second.session.optimizerStates == whole.session.optimizerStates)
  }

  @Test func nonFiniteLossNamesStepAndOrigin() throws {
    let engine = try Self.engine(Self.plan(capacity: 8))
    // Row 20 of the order (7 · 20 mod 50 = 40) overflows when its error is squared.
    let source = Self.source(rows: 50, broken: 40)
    let error = #expect(throws: NumericError.self) {
      _ = try Self.trainer(engine, source, rows: 50).train()
    }
    #expect(error?.step == 3)
    #expect(error?.epoch == 1)
    #expect(error?.observation == "loss is inf")
    #expect(error?.origin == "what follows the layers \"w\", \"b\" (elementwise)")
    #expect(error?.extreme == nil)
  }

  @Test func unsuitableSourcesAreErrors() throws {
    let engine = try Self.engine(Self.plan(capacity: 8))
    let evaluator = Evaluator(engine: engine, batchSize: 8)
    var source = Self.source(rows: 10)
    source.feeds[0].width = 2
    #expect(throws: FeedError.mismatch(name: "x", width: 2, expected: 3)) {
      _ = try evaluator.evaluate(source)
    }
    source.feeds[0].name = "z"
    #expect(throws: FeedError.missing("x")) { _ = try evaluator.evaluate(source) }
  }
}
