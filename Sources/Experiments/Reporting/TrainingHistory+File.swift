import Data
import ModelDefs
import Schema

extension TrainingHistory {
  /// The history that `train -o` writes into `metrics.json`.
  /// - Throws: A data error for a file that cannot be read or is no such file.
  public init(metricsFile path: String) throws(ExperimentError) {
    self = try ExperimentError.wrap {
      let input = try FileSource(path)
      var bytes: [UInt8] = []
      while case let part = try input.read(count: 1 << 16), !part.isEmpty { bytes += part }
      let diagnostics = SpecDiagnostics(file: path)
      guard let root = try? JSON5Parser.parse(bytes, diagnostics: diagnostics),
        let history = Self.history(root)
      else {
        throw DataError("is no metrics.json of mtlc train", at: .init(file: path))
      }
      return history
    }
  }

  private static func history(_ root: SpecValue) -> TrainingHistory? {
    let isOfEpisodes = root.member("history") != nil
    guard let entries = root.member(isOfEpisodes ? "history" : "epochs")?.value.elements else {
      return nil
    }
    var tasks: [String] = []
    let epochs = entries.map { entry -> EpochReport in
      if tasks.isEmpty {
        tasks = entry.member("task_losses")?.value.members?.map(\.key) ?? []
      }
      func values(_ key: String) -> [Double?] {
        let members = entry.member(key)?.value
        return tasks.map { members?.member($0)?.value.number }
      }
      let step = Int(entry.member("step")?.value.number ?? 0)
      return EpochReport(
        epoch: Int(entry.member("epoch")?.value.number ?? 1), step: step, rows: 0, seconds: 0,
        loss: entry.member("loss")?.value.number ?? .nan, taskLosses: values("task_losses"),
        taskWeights: values("task_weights"), learningRate: 0,
        validation: entry.member("validation").map { evaluation($0.value) })
    }
    let evaluations = (root.member("evaluations")?.value.elements ?? []).compactMap {
      entry -> Evaluation? in
      guard let step = entry.member("step")?.value.number,
        let set = RowSet.allCases.first(where: { entry.member($0.rawValue) != nil }),
        let measured = entry.member(set.rawValue)?.value
      else { return nil }
      return Evaluation(step: Int(step), on: set, evaluation(measured))
    }
    var report = TrainingReport(epochs: epochs, evaluations: evaluations, isStopped: false)
    if let best = root.member("best_epoch")?.value, let epoch = best.member("epoch")?.value.number {
      report.best = BestEpoch(epoch: Int(epoch), metric: "", value: 0)
    }
    var history = TrainingHistory(report, tasks: tasks, isOfEpisodes: isOfEpisodes)
    history.conflicts = (root.member("conflicts")?.value.members ?? []).map { pair in
      Series(
        pair.key,
        (pair.value.elements ?? []).compactMap { point in
          let numbers = (point.elements ?? []).compactMap(\.number)
          return numbers.count == 2 ? CurvePoint(numbers[0], numbers[1]) : nil
        })
    }
    return history
  }

  private static func evaluation(_ value: SpecValue) -> EvaluationReport {
    let tasks = (value.member("tasks")?.value.members ?? []).map { task in
      var entries = (task.value.members ?? []).compactMap { entry -> TaskMetrics.Entry? in
        guard let metric = Metric(rawValue: entry.key), let number = entry.value.number else {
          return nil
        }
        return TaskMetrics.Entry(metric: metric, value: .value(number))
      }
      // Of episodes the metric is named, with its value before and after adapting.
      if case .string(let name)? = task.value.member("metric")?.value.content,
        let metric = Metric(rawValue: name), let after = task.value.member("after")?.value.number
      {
        entries.append(TaskMetrics.Entry(metric: metric, value: .value(after)))
      }
      return TaskMetrics(task: task.key, kind: .binary, rows: 0, entries: entries)
    }
    return EvaluationReport(rows: 0, seconds: 0, tasks: tasks)
  }
}

extension SpecValue {
  fileprivate var number: Double? {
    switch content {
    case .integer(let value): Double(value)
    case .number(let value): value.isFinite && abs(value) < 1e15 ? value : nil
    default: nil
    }
  }
}
