import Data
import Experiments
import Plan

/// What a meta training run reports, for people and for machines.
struct MetaSummary {
  let plan: Plan
  let mode: String
  let outcome: MetaRun.Outcome
  var best: BestAUC?

  var text: String {
    let perStep = outcome.seconds / Double(max(1, outcome.steps))
    var text =
      "\(plan.name), \(mode) mode: \(Format.count(outcome.steps)) meta steps of"
      + " \(plan.episodes?.tasksPerStep ?? 0) tasks in \(Format.fixed(outcome.seconds, 1)) s"
      + " (\(Format.fixed(1e3 * perStep, 1)) ms/step)\n"
    if let last = outcome.evaluations.last { text += "\(last.report.text(best: best))\n" }
    return text
  }

  /// The same for equal runs.
  var metrics: [(String, JSON)] {
    [
      ("name", .string(plan.name)), ("mode", .string(mode)),
      ("seed", .string("\(plan.training.seed)")),
      (
        "history",
        .array(
          outcome.history.map {
            .object([
              ("step", .integer($0.step)), ("loss", .number($0.loss)),
              ("accuracy", .optional($0.accuracy)),
            ])
          })
      ),
      (
        "evaluations",
        .array(
          outcome.evaluations.map {
            .object([("step", .integer($0.step)), ("test", $0.report.json(best: best))])
          })
      ),
    ]
  }

  /// With times.
  var json: JSON {
    .object(
      metrics + [
        (
          "timing",
          .object([
            ("training_seconds", .number(outcome.seconds)),
            ("seconds_per_step", .number(outcome.seconds / Double(max(1, outcome.steps)))),
          ])
        )
      ])
  }
}
