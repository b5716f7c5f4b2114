import Experiments
import Schema

/// The table and the JSON of `mtlc tune`.
enum TuningText {
  /// How many trainings a table shows.
  private static let mostShown = 10

  static func text(_ tuning: Tuning) -> String {
    let failed = tuning.results.count { $0.failure != nil }
    var text =
      "\(tuning.name): \(Format.count(tuning.results.count, "training"))"
      + " of \(Format.count(tuning.trials, "trial")); \(tuning.measured)"
    if failed > 0 { text += "; \(Format.count(failed)) failed" }
    let head = ["trial", "epochs"] + tuning.tasks.map { "\($0.name) \($0.metric.title)" }
    let shown = tuning.ranking.prefix(mostShown).filter { tuning.results[$0].failure == nil }
    let score = tuning.metric ?? "mean rank"
    text += ", the best by \(score) first\n\n"
    text +=
      Table(head + [score, "front"], Array(shown)) { place in
        let result = tuning.results[place]
        return ["\(result.trial)", "\(result.epochs)"]
          + tuning.tasks.map { value(result, $0) }
          + [Format.fixed(abs(tuning.scores[place]), tuning.metric == nil ? 2 : 4)]
          + [tuning.front.contains(place) ? "*" : ""]
      }.text
    text += "\n* no other training equals or beats it in every task\n\n"
    text += "settings of trial \(tuning.results[tuning.best].trial):\n"
    for setting in tuning.results[tuning.best].settings {
      text += "  \(setting.key): \(MessageText.printable(setting.value))\n"
    }
    return text + "  training.epochs: \(tuning.results[tuning.best].epochs)\n"
  }

  private static func value(
    _ result: TrialResult, _ task: (name: String, metric: Metric)
  ) -> String {
    result[task.name]?[task.metric.name].map { Format.fixed($0, 4) } ?? "n/a"
  }

  /// A training in a line, for the log.
  static func line(_ result: TrialResult) -> String {
    let head = "trial \(result.trial), \(Format.count(result.epochs, "epoch"))  "
    let time = "  (\(Format.fixed(result.seconds, 1)) s)"
    if let failure = result.failure { return "\(head)failed: \(failure)\(time)" }
    let tasks = result.tasks.map { task in
      guard let score = task.scores.first else { return task.task }
      let value = score.value.map { Format.fixed($0, 4) } ?? "n/a"
      return "\(task.task) \(score.metric.title) \(value)"
    }
    return head + tasks.joined(separator: ", ") + time
  }

  /// Without times, so that equal searches give equal text.
  static func json(_ tuning: Tuning) -> JSON {
    let results = tuning.results.indices.map { place -> JSON in
      let result = tuning.results[place]
      let settings = JSON.object(result.settings) { ($0.key, .literal($0.value)) }
      let tasks = JSON.object(result.tasks) { task in
        (task.task, JSON.object(task.scores) { ($0.metric.name, $0.value?.json ?? .null) })
      }
      let score = tuning.scores[place]
      return [
        "trial": result.trial, "epochs": result.epochs, "settings": settings, "tasks": tasks,
        "score": score.isFinite ? score : nil, "front": tuning.front.contains(place),
      ] + result.failure.map { ["failure": $0] }
    }
    let tasks = JSON.object(tuning.tasks) { ($0.name, .string($0.metric.name)) }
    let best = tuning.results[tuning.best]
    return [
      "name": tuning.name, "seed": "\(tuning.seed)", "metric": tuning.metric,
      "folds": tuning.folds?.count, "tasks": tasks,
      "epochs": tuning.epochs, "best": ["trial": best.trial, "epochs": best.epochs] as JSON,
      "results": results,
    ]
  }
}
