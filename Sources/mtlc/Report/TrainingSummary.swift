import Data
import Plan
import Runtime

/// What a training run reports, for people and for machines.
struct TrainingSummary {
  let name: String
  let mode: String
  let seed: UInt64
  let tasks: [String]
  let outcome: TrainingRun.Outcome
  var best: [BestAUC] = []

  var text: String {
    let training = outcome.training
    let rows = training.epochs.reduce(0) { $0 + $1.rows }
    var text = "\(name), \(mode) mode: \(Format.count(training.epochs.count, "epoch"))"
    if training.seconds > 0 {
      text += " in \(Format.fixed(training.seconds, 2)) s"
      text += " (\(Format.short(Double(rows) / training.seconds)) rows/s)"
    }
    if let best = training.best {
      text += "; parameters of epoch \(best.epoch), the best by \(best.metric)"
      text += " (\(Format.fixed(best.value, 4)))"
    }
    text += "; \(MetricsReport.text(outcome.evaluation, on: outcome.evaluatedOn, best: best))"
    return text
  }

  /// The same for equal runs.
  var metrics: [(String, JSON)] {
    [
      ("name", .string(name)), ("mode", .string(mode)), ("seed", .string("\(seed)")),
      ("epochs", MetricsReport.json(outcome.training, tasks: tasks)),
    ]
      + (outcome.training.best.map { best in
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
          MetricsReport.json(outcome.evaluation, on: outcome.evaluatedOn, best: best)
        )
      ]
  }

  /// With times.
  var json: JSON {
    let training = outcome.training
    let rows = training.epochs.reduce(0) { $0 + $1.rows }
    return .object(
      metrics + [
        (
          "timing",
          .object([
            ("training_seconds", .number(training.seconds)),
            ("epoch_seconds", .array(training.epochs.map { .number($0.seconds) })),
            ("rows_per_second", .number(Double(rows) / max(training.seconds, 1e-9))),
            ("evaluation_seconds", .number(outcome.evaluation.seconds)),
          ])
        )
      ])
  }
}
