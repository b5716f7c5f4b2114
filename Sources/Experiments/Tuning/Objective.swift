import ModelDefs
import Schema

/// What makes one result of a search better than another.
package struct Objective: Sendable {
  /// Nil for the mean rank over the tasks.
  private let metric: (task: String?, metric: Metric)?
  /// The tasks with the metric that each is ranked by.
  package let tasks: [(name: String, metric: Metric)]

  /// - Parameters:
  ///   - text: `<task>.<metric>`, `<metric>`, or nil for the mean rank.
  ///   - tasks: All tasks with what they are.
  /// - Throws: an argument error for a task or a metric that there is not.
  package init(
    _ text: String?, _ tasks: [(name: String, kind: TaskKind)], hasGroups: Bool
  ) throws {
    func metrics(_ kind: TaskKind) -> [Metric] {
      kind.metrics.filter { $0.better != nil && ($0 != .groupedAUC || hasGroups) }
    }
    self.tasks = tasks.compactMap { task in
      metrics(task.kind).first.map { (task.name, $0) }
    }
    guard let text else {
      metric = nil
      return
    }
    // Names of tasks may hold dots, those of metrics do not.
    let dot = text.lastIndex(of: ".")
    let task = dot.map { String(text[..<$0]) }
    let name = dot.map { String(text[text.index(after: $0)...]) } ?? text
    func refuse(_ message: String, _ word: String, _ known: [String]) -> ExperimentError {
      ExperimentError(
        .argument, "the metric \"\(MessageText.printable(text))\": \(message)",
        hint: NearestName.nearest(word, in: known).map { "did you mean \($0)?" }
          ?? "there are \(known.joined(separator: ", "))")
    }
    if let task, !tasks.contains(where: { $0.name == task }) {
      throw refuse("no task is named so", task, tasks.map(\.name))
    }
    var known: [Metric] = []
    for entry in tasks where task == nil || entry.name == task {
      known += metrics(entry.kind).filter { !known.contains($0) }
    }
    guard let metric = known.first(where: { $0.name == name }) else {
      throw refuse("there is no such metric to go by", name, known.map(\.name))
    }
    self.metric = (task, metric)
  }

  /// How good each result is among the others, less being better: the metric, with its sign changed where
  /// more is better, or the mean rank. Infinite for a result that failed.
  package func scores(_ results: [TrialResult]) -> [Double] {
    if let metric {
      return results.map { result in
        let values = result.tasks.filter { metric.task == nil || $0.task == metric.task }
          .compactMap { $0[metric.metric.name] }
        guard result.failure == nil, !values.isEmpty else { return .infinity }
        let mean = values.reduce(0, +) / Double(values.count)
        return metric.metric.better == .higher ? -mean : mean
      }
    }
    let ranks = tasks.map { task in
      Self.ranks(results.map { Self.loss($0, task) })
    }
    return results.indices.map { k in
      results[k].failure != nil
        ? .infinity : ranks.reduce(0) { $0 + $1[k] } / Double(max(1, ranks.count))
    }
  }

  /// The metric of a task, less being better; infinite where there is none.
  private static func loss(_ result: TrialResult, _ task: (name: String, metric: Metric)) -> Double
  {
    guard result.failure == nil, let value = result[task.name]?[task.metric.name] else {
      return .infinity
    }
    return task.metric.better == .higher ? -value : value
  }

  /// From 1 for the least; equal values share the mean of their ranks.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in order[start..<end] { ranks[place] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }

  /// The results that no other one equals or beats in every task and beats in one.
  package func front(_ results: [TrialResult]) -> [Int] {
    let losses = results.map { result in tasks.map { Self.loss(result, $0) } }
    func beats(_ a: [Double], _ b: [Double]) -> Bool {
      zip(a, b).allSatisfy { $0 <= $1 } && zip(a, b).contains { $0 < $1 }
    }
    return results.indices.filter { k in
      results[k].failure == nil && !losses.contains { beats($0, losses[k]) }
    }
  }
}
