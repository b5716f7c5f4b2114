import Experiments

/// What a training run reports, for people and for machines.
struct TrainingSummary {
  let run: Run

  var text: String {
    let training = run.training
    let rows = training.epochs.reduce(0) { $0 + $1.rows }
    var text =
      "\(run.name), \(run.mode.rawValue) mode: \(Format.count(training.epochs.count, "epoch"))"
    if training.seconds > 0 {
      text += " in \(Format.fixed(training.seconds, 2)) s"
      text += " (\(Format.short(Double(rows) / training.seconds)) rows/s)"
    }
    if let best = training.best {
      text += "; parameters of epoch \(best.epoch), the best by \(best.metric)"
      text += " (\(Format.fixed(best.value, 4)))"
    }
    text += "; \(MetricsReport.text(run.metrics, on: run.evaluatedOn.rawValue, best: run.best))"
    return text
  }

  /// The same for equal runs.
  var metrics: [(String, JSON)] {
    [
      ("name", .string(run.name)), ("mode", .string(run.mode.rawValue)),
      ("seed", .string("\(run.seed)")),
      ("epochs", MetricsReport.json(run.training, tasks: run.tasks)),
    ]
      + (run.training.best.map { best in
        [
          (
            "best_epoch",
            .object([
              ("epoch", .integer(best.epoch)), ("metric", .string(best.metric)),
              ("value", .number(best.value)),
            ])
          )
        ]
      } ?? []) + [
        (
          "evaluation",
          MetricsReport.json(run.metrics, on: run.evaluatedOn.rawValue, best: run.best)
        )
      ]
  }

  /// With times.
  var json: JSON {
    let training = run.training
    let rows = training.epochs.reduce(0) { $0 + $1.rows }
    return .object(
      metrics + [
        (
          "timing",
          .object([
            ("training_seconds", .number(training.seconds)),
            ("epoch_seconds", .array(training.epochs.map { .number($0.seconds) })),
            ("rows_per_second", .number(Double(rows) / max(training.seconds, 1e-9))),
            ("evaluation_seconds", .number(run.metrics.seconds)),
          ])
        )
      ])
  }
}
