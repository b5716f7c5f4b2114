import Schema

extension TrainingReport {
  /// What `metrics.json` has of the way through training; without times, so that equal runs give equal text.
  ///
  /// - Parameters:
  ///   - tasks: Parallel to the losses of tasks.
  ///   - best: The best possible AUC of tasks for which it is known.
  package func json(tasks: [String], isOfEpisodes: Bool, best: [BestAUC]) -> JSON {
    let history: JSON =
      isOfEpisodes
      ? ["history": JSON.array(epochs.map(Self.part)), "evaluations": evaluations(best)]
      : ["epochs": JSON.array(epochs.map { Self.epoch($0, tasks) })]
    return history + conflictMembers
      // What early stopping kept.
      + self.best.map {
        ["best_epoch": ["epoch": $0.epoch, "metric": $0.metric, "value": $0.value] as JSON]
      }
  }

  private static func epoch(_ epoch: EpochReport, _ tasks: [String]) -> JSON {
    let weights = zip(tasks, epoch.taskWeights).compactMap { task, weight in
      weight.map { (task, JSON.number($0)) }
    }
    return [
      "epoch": epoch.epoch, "rows": epoch.rows, "loss": epoch.loss,
      "task_losses": JSON.object(Array(zip(tasks, epoch.taskLosses))) {
        ($0, $1?.json ?? .null)
      },
      "task_weights": JSON.object(weights), "learning_rate": epoch.learningRate,
    ] + epoch.validation.map { ["validation": $0.json(on: RowSet.validation.rawValue)] }
  }

  /// A tenth of the steps on episodes.
  private static func part(_ epoch: EpochReport) -> JSON {
    ["step": epoch.step, "loss": epoch.loss, "accuracy": epoch.accuracy]
  }

  private func evaluations(_ best: [BestAUC]) -> JSON {
    .array(
      evaluations.map { evaluation in
        let set = evaluation.set.rawValue
        return [
          "step": evaluation.step,
          set: evaluation.report.episodes.map { _ in evaluation.report.json(on: set, best: best) },
        ]
      })
  }

  /// nil where nobody measured them.
  private var conflictMembers: JSON? {
    conflicts.isEmpty ? nil : ["conflicts": Self.conflicts(TrainingHistory.conflicts(self))]
  }

  /// By pair of tasks the epochs and cosines.
  static func conflicts(_ series: [TrainingHistory.Series]) -> JSON {
    .object(series) { ($0.name, CurvePoint.json($0.points)) }
  }
}

extension CurvePoint {
  static func json(_ points: [CurvePoint]) -> JSON {
    .array(points.map { .array([.number($0.x), .number($0.y)]) })
  }
}
