import Schema

/// The keys of `training.early_stopping`.
public enum EarlyStoppingKeys {
  public enum Mode: String, Sendable, CaseIterable { case auto, max, min }

  public static let metric = SpecKey.name(
    "metric",
    "What is watched: `<task>.<metric>` of the validation rows, such as `income.auc`, or a metric"
      + " alone for its mean over the tasks that have a value. An evaluation in which it has none spends"
      + " no patience. Metrics are "
      + Metric.allCases.filter { $0.better != nil }.map(\.name).joined(separator: ", ") + "."
      + " Episodes have `loss`; images `accuracy`, rows `auc` or `rmse`."
  ).required()
  public static let mode = SpecKey.choice(
    "mode", default: Mode.auto,
    "Whether larger (`max`) or smaller values (`min`) are better; `auto` knows by the metric's"
      + " name.")
  public static let patience = SpecKey.integer(
    "patience", default: 1, in: 1...1_000_000,
    "Training ends after so many epochs (evaluations of episodes) in a row without an improvement.")
  public static let minDelta = SpecKey.number(
    "min_delta", default: 0, .notNegative,
    "What an improvement has to exceed for `patience` to start over.")

  static let section = SpecSection(
    "training.early_stopping",
    "Ends training when a metric of the validation rows no longer improves, and keeps the parameters"
      + " of the best epoch, also when all epochs are run.",
    keys: [metric, mode, patience, minDelta])
}
