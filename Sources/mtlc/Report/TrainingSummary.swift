import Experiments
import Schema

/// What a training run reports, for people and for machines.
struct TrainingSummary {
  let run: Run

  var text: String {
    let training = run.training
    var text = "\(run.name), \(run.mode.rawValue) mode: "
    if let episodes = run.episodesPerStep {
      text += "\(Format.count(metaSteps)) meta steps of \(episodes) tasks"
      text += " in \(Format.fixed(training.seconds, 1)) s"
      text += " (\(Format.fixed(1e3 * secondsPerStep, 1)) ms/step)"
    } else {
      text += Format.count(training.epochs.count, "epoch")
      if training.seconds > 0 {
        text += " in \(Format.fixed(training.seconds, 2)) s"
        text += " (\(Format.short(Double(rows) / training.seconds)) rows/s)"
      }
    }
    if let best = training.best {
      text +=
        "; parameters of \(run.episodesPerStep == nil ? "epoch" : "step") \(best.epoch), the best by"
      text += " \(best.metric) (\(Format.fixed(best.value, 4)))"
    }
    if run.episodesPerStep != nil {
      guard let episodes = run.metrics.episodes else { return text + "\n" }
      return text + "\n"
        + EpisodeText.text(run.metrics, episodes, on: run.evaluatedOn, best: run.best) + "\n"
    }
    text += "; \(MetricsReport.text(run.metrics, on: run.evaluatedOn.rawValue, best: run.best))"
    return text
  }

  private var rows: Int { run.training.epochs.reduce(0) { $0 + $1.rows } }
  /// Meta steps done in this run.
  private var metaSteps: Int { rows / max(1, run.episodesPerStep ?? 1) }
  private var secondsPerStep: Double { run.training.seconds / Double(max(1, metaSteps)) }

  /// What `metrics.json` has, with times.
  var json: JSON {
    let training = run.training
    let timing: JSON =
      run.episodesPerStep != nil
      ? ["training_seconds": training.seconds, "seconds_per_step": secondsPerStep]
      : [
        "training_seconds": training.seconds, "epoch_seconds": training.epochs.map(\.seconds),
        "rows_per_second": Double(rows) / max(training.seconds, 1e-9),
        "evaluation_seconds": run.metrics.seconds,
      ]
    return run.metricsFile + ["timing": timing]
  }
}
