import Schema

extension EvaluationReport {
  /// As `metrics.json` and `--json` have it.
  ///
  /// - Parameters:
  ///   - set: What was evaluated on; files of episodes do not name it.
  ///   - best: The best possible AUC of tasks for which it is known.
  package func json(on set: String, best: [BestAUC] = []) -> JSON {
    if let episodes { return json(episodes, best) }
    let tasks = JSON.object(tasks) { task in
      var members: JSON = ["kind": task.kind.name, "rows": task.rows]
      for entry in task.entries {
        members =
          members + [entry.metric.name: entry.value.value]
          + entry.value.reason.map { ["\(entry.metric.name)_undefined": $0] }
      }
      let groups: JSON? = task.grouped.map {
        [
          "groups": $0.groups, "one_class_groups": $0.oneClassGroups,
          "rows_without_group": $0.rowsWithoutGroup,
        ]
      }
      let best = best.first { $0.task == task.task }
      return (task.task, members + groups + best.map { ["best_auc": $0.auc] })
    }
    return ["set": set, "rows": rows, "tasks": tasks]
  }

  private func json(_ episodes: EpisodeMetrics, _ best: [BestAUC]) -> JSON {
    let adapted = JSON.object(adaptations) { task in
      let best = best.first { $0.task == task.metrics.task }
      return (
        task.metrics.task,
        [
          "metric": task.metric.name, "rows": task.metrics.rows, "before": task.before,
          "after": task.after,
        ] + best.map { ["best": $0.auc] }
      )
    }
    return [
      "episodes": episodes.episodes, "loss": episodes.loss.value,
      "loss_margin": episodes.loss.margin,
    ] + episodes.lossBefore.map { ["loss_before": $0.value] }
      + episodes.accuracy.map { ["accuracy": $0.value, "accuracy_margin": $0.margin] }
      + (tasks.isEmpty ? nil : ["tasks": adapted])
  }
}
