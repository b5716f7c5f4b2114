import Experiments
import Report
import Schema

/// The table and the JSON of `mtlc cross-validate`.
enum CrossValidationText {
  static func text(_ result: CrossValidation) -> String {
    let rows = result.folds.reduce(0) { $0 + $1.metrics.rows }
    var text = "\(result.name): \(Format.count(result.folds.count, "fold"))"
    if let task = result.rule.stratify { text += ", stratified by \(task)" }
    if let column = result.rule.groupColumn { text += ", grouped by \(column)" }
    if let column = result.rule.timeColumn { text += ", in the order of \(column)" }
    text += "; \(Format.count(rows)) rows predicted\n\n"
    let head = ["task", "metric", "mean", "±"] + result.folds.map { "fold \($0.number)" }
    var table = Table(head, left: [1])
    var notes: [String] = []
    for task in result.tasks {
      for summary in result.summaries(task) where summary.metric.better != nil {
        let values = result.folds.map { $0.metrics[task]?[summary.metric] }
        table.rows.append(
          [task, summary.metric.title, fixed(summary.mean), fixed(summary.deviation)]
            + values.map { fixed($0?.value) })
        for (fold, value) in zip(result.folds, values) {
          guard let reason = value?.reason else { continue }
          notes.append("\(task): no \(summary.metric.title) in fold \(fold.number): \(reason)")
        }
      }
    }
    text += table.text + "\n± is the deviation of a single fold\n"
    return text + notes.map { $0 + "\n" }.joined()
  }

  private static func fixed(_ value: Double?) -> String {
    value.map { Format.fixed($0, 4) } ?? "n/a"
  }

  /// Without times, so that equal runs give equal text.
  static func json(_ result: CrossValidation) -> JSON {
    let tasks = JSON.object(result.tasks) { task in
      let metrics = JSON.object(result.summaries(task)) { summary in
        let value: JSON = [
          "mean": summary.mean, "deviation": summary.deviation, "folds": summary.folds,
        ]
        return (summary.metric.name, value)
      }
      return (task, metrics)
    }
    let folds = result.folds.map { fold -> JSON in
      let best: JSON? = fold.best.map {
        ["best_epoch": ["epoch": $0.epoch, "metric": $0.metric, "value": $0.value] as JSON]
      }
      return ["fold": fold.number, "training_rows": fold.trainingRows] + best + [
        "evaluation": fold.metrics.json(on: "held_out")
      ]
    }
    let rule: JSON = [
      "count": result.rule.count, "stratify": result.rule.stratify,
      "group_by": result.rule.groupColumn, "time": result.rule.timeColumn,
    ]
    return [
      "name": result.name, "seed": "\(result.seed)", "rule": rule, "tasks": tasks, "folds": folds,
    ]
  }
}
