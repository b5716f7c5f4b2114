import Plan
import Schema

extension EpisodeMetrics {
  /// - Parameters:
  ///   - outputs: Of each episode what its program handed out, by name.
  ///   - tasks: Of the plan.
  ///   - labels: The labels of an episode's query rows by task; empty where models score themselves.
  init(
    _ outputs: [[String: [Float]]], tasks: [TaskRecord], labels: (_ episode: Int) -> [[Float]]
  ) {
    func mean(_ name: String) -> Mean? {
      let values = outputs.compactMap { $0[name]?.first.map(Double.init) }
      return values.count == outputs.count && !values.isEmpty ? Mean(values) : nil
    }
    self.init(
      episodes: outputs.count, loss: mean(EpisodeName.loss) ?? Mean([]),
      lossBefore: mean(EpisodeName.lossBefore), accuracy: mean(EpisodeName.accuracy), tasks: [])
    let truth = outputs.indices.map(labels)
    for (column, task) in tasks.enumerated() {
      let expected = truth.flatMap { $0.indices.contains(column) ? $0[column] : [] }
      func score(_ name: String) -> Double? {
        let predicted = outputs.flatMap { $0[name] ?? [] }
        guard predicted.count == expected.count, !expected.isEmpty else { return nil }
        if task.kind == .binary {
          return AreaUnderCurve.compute(predictions: predicted, labels: expected).value
        }
        let squares = zip(predicted, expected).reduce(0.0) {
          $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
        return (squares / Double(expected.count)).squareRoot()
      }
      self.tasks.append(
        Task(
          name: task.name, isBinary: task.kind == .binary, rows: expected.count,
          before: score(EpisodeName.predictionBefore(task.name)),
          after: score(EpisodeName.prediction(task.name))))
    }
  }

  /// The values that early stopping can go by: `loss`, `accuracy`, and `auc` or `rmse` of the tasks
  /// after the inner loop.
  func values(_ metric: String, of task: String?) -> [Double?] {
    switch metric {
    case "loss" where task == nil: return [loss.value]
    case "accuracy" where task == nil: return accuracy.map { [$0.value] } ?? []
    default:
      return tasks.filter { (task ?? $0.name) == $0.name && $0.metric.name == metric }.map(\.after)
    }
  }
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
