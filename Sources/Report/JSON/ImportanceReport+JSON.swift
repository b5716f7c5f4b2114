import Schema

extension ImportanceReport {
  /// By task the metric as it is, by features what each task loses.
  package var json: JSON {
    let tasks = JSON.object(self.tasks) { task in
      let value: JSON = ["metric": task.metric.name, "value": task.value.value]
      return (task.name, value)
    }
    let features = entries.map { entry -> JSON in
      let losses = JSON.object(Array(zip(self.tasks, entry.losses))) { task, loss in
        let value: JSON = ["loss": loss?.mean, "error": loss?.error]
        return (task.name, value)
      }
      return ["features": entry.features, "tasks": losses]
    }
    return [
      "rows": rows, "repetitions": repetitions, "tasks": tasks, "features": features,
    ]
  }
}
