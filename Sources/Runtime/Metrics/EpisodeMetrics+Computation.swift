import Plan
import Schema

extension EvaluationReport {
  /// - Parameters:
  ///   - outputs: Of each episode what its program handed out, by name.
  ///   - tasks: Of the plan.
  ///   - labels: The labels of an episode's query rows by task; empty where models score themselves.
  init(
    _ outputs: [[String: [Float]]], tasks: [TaskRecord], labels: (_ episode: Int) -> [[Float]]
  ) {
    func mean(_ name: String) -> EpisodeMetrics.Mean? {
      let values = outputs.compactMap { $0[name]?.first.map(Double.init) }
      return values.count == outputs.count && !values.isEmpty ? .init(values) : nil
    }
    let truth = outputs.indices.map(labels)
    func metrics(_ output: (_ task: String) -> String) -> [TaskMetrics] {
      tasks.enumerated().map { column, task in
        let expected = truth.flatMap { $0.indices.contains(column) ? $0[column] : [] }
        let predicted = outputs.flatMap { $0[output(task.name)] ?? [] }
        let metric = task.kind.episodeMetric
        return TaskMetrics(
          task: task.name, kind: task.kind, rows: expected.count,
          entries: [.init(metric: metric, value: Self.score(metric, predicted, expected))])
      }
    }
    let after = metrics(OutputName.prediction)
    self.init(
      rows: after.map(\.rows).max() ?? 0, seconds: 0, tasks: after,
      episodes: EpisodeMetrics(
        episodes: outputs.count, loss: mean(OutputName.loss) ?? .init([]),
        lossBefore: mean(EpisodeName.lossBefore), accuracy: mean(EpisodeName.accuracy),
        before: metrics(EpisodeName.predictionBefore)))
  }

  private static func score(
    _ metric: Metric, _ predicted: [Float], _ expected: [Float]
  ) -> MetricValue {
    guard predicted.count == expected.count, !expected.isEmpty else {
      return .undefined(reason: "no rows with a label")
    }
    if metric == .auc { return RankedRows(predicted, expected).area }
    let squares = zip(predicted, expected).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    return .value((squares / Double(expected.count)).squareRoot())
  }
}

extension TaskKind {
  /// What is measured of tasks that are learned from episodes.
  var episodeMetric: Metric { self == .binary ? .auc : .rootMeanSquaredError }
}

extension EpisodeMetrics.Mean {
  init(_ values: [Double]) {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.init(
      value: mean,
      margin: values.count > 1 ? 1.96 * (squares / (count - 1) / count).squareRoot() : 0)
  }
}
