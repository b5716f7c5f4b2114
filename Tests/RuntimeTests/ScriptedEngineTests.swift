import Plan
import Runtime
import Schema
import Testing

/// An engine whose losses and predictions are given, so that sums over steps and rows can be told
/// from them.
final class ScriptedEngine: TrainingEngine {
  var tasks: [TaskRecord]
  /// By step and task.
  var losses: [[Float?]] = []
  var factors: [[Float?]] = []
  var step = 0
  var learningRate = 0.1
  var rows: [Int] = []
  var values: [String: [Float]] = [:]
  private let x = UnsafeMutablePointer<Float>.allocate(capacity: 64)

  init(_ tasks: [TaskRecord]) { self.tasks = tasks }
  deinit { x.deallocate() }

  func capacity(_ purpose: ProgramPurpose) -> Int { 4 }
  func destinations(for feeds: [FeedLayout.Feed], _ purpose: ProgramPurpose)
    -> [UnsafeMutableRawPointer?]
  {
    feeds.map { $0.name == "x" ? UnsafeMutableRawPointer(x) : nil }
  }
  func train(rows: Int) {
    step += 1
    self.rows.append(rows)
  }
  var loss: Float { losses[step - 1].compactMap(\.self).reduce(0, +) }
  func loss(task: Int) -> Float? { losses[step - 1][task] }
  func weight(task: Int) -> Float? { factors.isEmpty ? nil : factors[step - 1][task] }
  func predict(rows: Int) {}
  /// The feed, one column a task.
  func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>) {
    for row in 0..<rows { destination[row] = x[row * tasks.count + task] }
  }
  func trainLookingForNonFinite(rows: Int) -> String? { nil }
  var parameterNames: [String] { values.keys.sorted() }
  func parameter(_ name: String) throws -> [Float] { try #require(values[name]) }
  func setParameter(_ name: String, _ values: [Float]) { self.values[name] = values }
  func nonFiniteParameter() -> String? { nil }
  func withParameter(
    _ name: String, _ body: (_ values: UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) throws {
    values[name]?.withUnsafeMutableBufferPointer { values in
      if let base = values.baseAddress { body(base, values.count) }
    }
  }
  func copyParameters() -> [Float] { [] }
  func restoreParameters(_ values: [Float]) {}
  func wayBack() -> (() throws -> Void)? { nil }
}

@Suite struct ScriptedEngineTests {
  private func task(_ name: String, column: Int?, condition: Int? = nil) -> TaskRecord {
    TaskRecord(
      name: name, kind: .binary, output: "prediction.\(name)", labelColumn: column,
      conditionColumn: condition)
  }

  private func settings(
    _ weighting: TaskWeighting = .fixed, weights: [TaskWeight] = []
  ) -> TrainingSettings {
    var settings = TrainingSettings(
      batchSize: 4, evaluationBatchSize: 3, epochs: 1, seed: 1,
      optimizer: Optimizer(kind: .sgd, learningRate: 0.1))
    (settings.taskWeighting, settings.taskWeights) = (weighting, weights)
    return settings
  }

  private func source(_ x: [Float], labels: [Float], mask: [Float], width: Int) -> ArraySource {
    ArraySource(
      feeds: [
        FeedLayout.Feed(name: "x", width: width, isInteger: false),
        FeedLayout.Feed(name: FeedLayout.labels, width: width, isInteger: false),
        FeedLayout.Feed(name: FeedLayout.labelMask, width: width, isInteger: false),
      ], rowCount: x.count / width, columns: [x, labels, mask])
  }

  /// A run over ten rows.
  private func trainer(_ engine: ScriptedEngine, _ settings: TrainingSettings) throws -> Trainer {
    let zeros = [Float](repeating: 0, count: 20)
    let rows = source(zeros, labels: zeros, mask: zeros, width: 2)
    return Trainer(try RowSteps(engine, settings, rows, order: { _ in EpochOrder(Array(0..<10)) }))
  }

  /// Ten rows in batches of 4, 4 and 2: means count rows, not batches; a loss that is not there in
  /// one step has no mean.
  @Test func lossesAreMeansOverRows() throws {
    let engine = ScriptedEngine([task("a", column: 0), task("b", column: 1)])
    engine.losses = [[1, 2], [3, nil], [8, 5]]
    engine.factors = [[0.5, 1], [1, 1], [2, 1]]
    var statuses: [TrainingStatus] = []
    let trainer = try trainer(engine, settings(weights: [TaskWeight(task: "a", weight: 3)]))
    trainer.onProgress = { statuses.append($0) }
    let report = try trainer.train()
    #expect(engine.rows == [4, 4, 2])
    let epoch = try #require(report.epochs.first)
    #expect(epoch.rows == 10 && epoch.step == 3 && epoch.epoch == 1)
    #expect(epoch.taskLosses == [3.2, nil])
    // (4·3 + 4·3 + 2·13) / 10
    #expect(abs(epoch.loss - 5) < 1e-12)
    // The rate counts the rows of the epoch that runs.
    #expect(statuses.last?.rows == 10 && statuses.last?.rowsPerSecond ?? 0 > 0)
    // The spec's weight times the mean factor; a task without a weight in the spec shows none.
    // 3 · (4·0.5 + 4·1 + 2·2) / 10
    #expect(epoch.taskWeights == [3, nil])
  }

  /// The weights of the first epoch stay: there are no losses before it to compare with.
  @Test func dynamicWeightsNeedTwoEpochs() throws {
    let engine = ScriptedEngine([task("a", column: 0), task("b", column: 1)])
    engine.losses = Array(repeating: [1, 1], count: 3)
    engine.values = [
      TaskWeighting.weightsParameter: [1, 1], TaskWeighting.lastLossesParameter: [0, 0],
      TaskWeighting.lossSumsParameter: [20, 40],
    ]
    _ = try trainer(engine, settings(.dynamicAverage(temperature: 2))).train()
    #expect(engine.values[TaskWeighting.weightsParameter] == [1, 1])
    #expect(engine.values[TaskWeighting.lastLossesParameter] == [2, 4])
    #expect(engine.values[TaskWeighting.lossSumsParameter] == [0, 0])
    // The next epoch: ratios 1/2 and 3/4, so 2·softmax(1/4, 3/8).
    engine.values[TaskWeighting.lossSumsParameter] = [10, 30]
    engine.step = 0
    _ = try trainer(engine, settings(.dynamicAverage(temperature: 2))).train()
    let weights = try #require(engine.values[TaskWeighting.weightsParameter])
    let share = 1 / (1 + Double.exp(0.125))
    #expect(abs(Double(weights[0]) - 2 * share) < 1e-6)
    #expect(abs(Double(weights[1]) - 2 * (1 - share)) < 1e-6)
  }

  /// Rows count for a task where its label is there, and for a conditional task where the label of
  /// its condition is there too and is 1.
  @Test func conditionsChooseRows() throws {
    let engine = ScriptedEngine([
      task("click", column: 0), task("buy", column: 1, condition: 0), task("none", column: nil),
    ])
    // click, buy and an unused column; the last columns say whether the label is there.
    let rows: [(labels: [Float], mask: [Float])] = [
      ([1, 1, 0], [1, 1, 1]), ([1, 0, 0], [1, 1, 1]), ([0, 1, 0], [1, 1, 1]),
      ([1, 1, 0], [0, 1, 1]), ([1, 1, 0], [1, 0, 1]), ([1, 0, 0], [1, 1, 1]),
      ([0, 0, 0], [1, 1, 1]),
    ]
    let x: [Float] = rows.indices.flatMap { row -> [Float] in
      let place = Float(row) / 10
      return [place, 0.9 - place, 0]
    }
    let (labels, mask): ([Float], [Float]) = (rows.flatMap(\.labels), rows.flatMap(\.mask))
    let data = source(x, labels: labels, mask: mask, width: 3)
    let report = try Evaluator(engine: engine, batchSize: 3).evaluate(data)
    #expect(report.rows == 7)
    let click = try #require(report["click"])
    #expect(click.rows == 6 && click[.baseRate] == .value(4.0 / 6))
    // Rows 0, 1 and 5: the label of row 0 is 1, and its prediction the highest.
    let buy = try #require(report["buy"])
    #expect(buy.rows == 3 && buy[.auc] == .value(1))
    #expect(report["none"]?.rows == 0)
    #expect(report["none"]?[.auc] == .undefined(reason: "the task has no label"))
    // Some rows alone, in an order of their own.
    let some = try Evaluator(engine: engine, batchSize: 2).evaluate(
      data, rows: [6, 0, 2])
    #expect(some["click"]?.rows == 3 && some["buy"]?.rows == 1)
  }
}
