import Data
import Plan
import Runtime
import Schema

extension Predictor {
  /// Permutation importance: how much worse each task's metric is when the values of a feature are dealt
  /// out to the rows at random (L. Breiman, "Random Forests", Machine Learning 45, 2001, section 10; A.
  /// Fisher, C. Rudin, F. Dominici, JMLR 20, 2019). The metric is the AUC of a binary task, the accuracy of
  /// one with classes, the RMSE of a regression.
  ///
  /// A feature whose values another one repeats looks unimportant alone: `together` names features that
  /// are dealt out with each other.
  ///
  /// - Parameters:
  ///   - files: Rows with labels; they are held in memory.
  ///   - repetitions: Orders that are drawn, the same ones for all features.
  ///   - seed: Of the orders; the same gives the same report on any number of threads.
  public func importance(
    _ files: [String], together: [[String]] = [], repetitions: Int = 5, seed: UInt64 = 1,
    skipsDamagedRecords: Bool = false, observer: any Observer = .silent
  ) throws(ExperimentError) -> ImportanceReport {
    try ExperimentError.wrap {
      let groups = try groups(together)
      let reading = RowReading(skipsDamage: skipsDamagedRecords, observer: observer)
      let rows = try reading.someRows(files, plan.schema, "rows").dataset
      return try importance(rows, groups, repetitions: repetitions, seed: seed)
    }
  }

  /// - Parameter groups: Features that are dealt out together, by their places.
  func importance(
    _ rows: any BatchSource, _ groups: [[Int]], repetitions: Int, seed: UInt64
  ) throws -> ImportanceReport {
    let batch = min(plan.training.evaluationBatchSize, engine.capacity(.predict))
    let base = try Evaluator(engine: engine, batchSize: batch).evaluate(rows)
    let shuffle = Shuffle(seed: seed)
    let orders = (0..<max(1, repetitions)).map {
      shuffle.permutation(epoch: $0, count: rows.rowCount)
    }
    let jobs = groups.indices.flatMap { group in orders.indices.map { (group, $0) } }
    let reports = try measure(jobs.count) { job, engine in
      let (group, order) = jobs[job]
      let source = PermutedRows(
        rows, plan.schema, groups[group], order: orders[order], batchRows: batch)
      return try Evaluator(engine: engine, batchSize: batch).evaluate(source)
    }
    let tasks = base.tasks.map { task in
      let metric = task.kind.importanceMetric
      return ImportanceReport.Task(
        name: task.task, metric: metric, value: task[metric] ?? .undefined(reason: "no value"))
    }
    let entries = groups.enumerated().map { group, features in
      let own = reports[group * orders.count..<(group + 1) * orders.count]
      return ImportanceReport.Entry(
        features: features.map { plan.schema.features[$0].name },
        losses: tasks.enumerated().map { place, task in
          Self.loss(task, own.map { $0.tasks[place][task.metric] })
        })
    }
    return ImportanceReport(
      rows: rows.rowCount, repetitions: orders.count, tasks: tasks,
      entries: entries.enumerated().sorted {
        ($1.element.greatest, $0.offset) < ($0.element.greatest, $1.offset)
      }.map(\.element))
  }

  /// The features that are dealt out together, by their places: those that are named with each other, and
  /// each other one alone.
  private func groups(_ together: [[String]]) throws -> [[Int]] {
    let names = plan.schema.features.map(\.name)
    var taken: Set<Int> = []
    let named = try together.map { group in
      try group.map { name in
        guard let place = names.firstIndex(of: name) else {
          throw ExperimentError(
            .argument, "the plan has no feature \"\(MessageText.printable(name))\"",
            hint: NearestName.nearest(name, in: names).map { "did you mean \($0)?" }
              ?? "its features: \(names.prefix(20).joined(separator: ", "))")
        }
        guard taken.insert(place).inserted else {
          throw ExperimentError(
            .argument, "the feature \"\(MessageText.printable(name))\" is named twice")
        }
        return place
      }
    }
    return named + names.indices.filter { !taken.contains($0) }.map { [$0] }
  }

  /// Calls `body` for the numbers below `count`, on all threads, each with an engine of its own.
  private func measure<Result>(
    _ count: Int, _ body: (Int, StaticEngine) throws -> Result
  ) throws -> [Result] {
    let lanes = try (0..<max(1, min(threads, count))).map { k in
      k == 0 ? engine : try StaticEngine(Session(predictingBeside: engine.session))
    }
    let next = Guarded(0)
    let parts = try lanes.concurrentMap { lane in
      var results: [(Int, Result)] = []
      while case let job = next.withLock({ number in
        defer { number += 1 }
        return number
      }), job < count {
        results.append((job, try body(job, lane)))
      }
      return results
    }
    return parts.flatMap { $0 }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private static func loss(
    _ task: ImportanceReport.Task, _ values: [MetricValue?]
  ) -> ImportanceReport.Loss? {
    guard let base = task.value.value else { return nil }
    let sign = task.metric.better == .lower ? 1.0 : -1.0
    let losses = values.compactMap { $0?.value }.map { sign * ($0 - base) }
    guard losses.count == values.count else { return nil }
    let count = Double(losses.count)
    let mean = losses.reduce(0, +) / count
    let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    // The normal distribution's 97.5 % point.
    let error =
      losses.count > 1 ? 1.959963984540054 * (squares / (count - 1) / count).squareRoot() : 0
    return ImportanceReport.Loss(mean: mean, error: error)
  }
}

extension TaskKind {
  fileprivate var importanceMetric: Metric {
    switch self {
    case .binary: .auc
    case .multiclass: .accuracy
    case .regression: .rootMeanSquaredError
    }
  }
}
