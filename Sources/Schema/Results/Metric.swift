/// A measure of how well a task's predictions fit its labels. Declared here and nowhere else: its
/// name, its title, what it says, and which tasks have it. `TaskMetrics.init` computes it.
public enum Metric: String, Sendable, Hashable, CaseIterable {
  case auc
  case aucLow = "auc_low"
  case aucHigh = "auc_high"
  case averagePrecision = "pr_auc"
  case groupedAUC = "gauc"
  case logLoss = "log_loss"
  case accuracy
  case baseRate = "base_rate"
  case macroAUC = "macro_auc"
  case majority
  case rootMeanSquaredError = "rmse"
  case meanAbsoluteError = "mae"
  case meanLabel = "mean_label"
  case meanPrediction = "mean_prediction"
  case calibration
  case calibrationError = "ece"

  /// Which of two values is better.
  public enum Direction: Sendable, Hashable {
    case higher
    case lower
  }

  /// Its name in `metrics.json` and in the key `early_stopping.metric`.
  public var name: String { rawValue }

  /// Its title in tables.
  public var title: String { declaration.title }

  /// Nil for what does not tell a good model from a bad one, such as the base rate: early stopping
  /// does not watch it.
  public var better: Direction? { declaration.better }

  private var declaration: (title: String, better: Direction?) {
    switch self {
    // The area under the ROC curve, ties counted half.
    case .auc: ("AUC", .higher)
    // The bounds of its 95 % confidence interval, by DeLong. Tables show half the interval, once.
    case .aucLow: ("AUC, lower bound", nil)
    case .aucHigh: ("±", nil)
    // The area under the precision-recall curve, as average precision.
    case .averagePrecision: ("PR AUC", .higher)
    // The area within each group of rows, averaged with the groups' rows. Only of rows with groups.
    case .groupedAUC: ("GAUC", .higher)
    // The mean of −ln p of the label.
    case .logLoss: ("log loss", .lower)
    // The share of the rows whose likeliest label is the true one.
    case .accuracy: ("accuracy", .higher)
    // The share of positive labels.
    case .baseRate: ("base rate", nil)
    // The mean over the classes of the AUC of one against the rest.
    case .macroAUC: ("macro AUC", .higher)
    // The share of the most frequent class: the accuracy of a model that always says it.
    case .majority: ("majority", nil)
    case .rootMeanSquaredError: ("RMSE", .lower)
    case .meanAbsoluteError: ("MAE", .lower)
    case .meanLabel: ("mean label", nil)
    case .meanPrediction: ("mean prediction", nil)
    // The mean prediction over the base rate: 1 for a model whose probabilities add up.
    case .calibration: ("calibration", nil)
    // The expected calibration error over 15 bins.
    case .calibrationError: ("ECE", .lower)
    }
  }
}

extension TaskKind {
  /// The metrics of its tasks, in the order of `metrics.json`.
  public var metrics: [Metric] {
    switch self {
    case .binary:
      [
        .auc, .aucLow, .aucHigh, .averagePrecision, .groupedAUC, .logLoss, .accuracy, .baseRate,
        .meanPrediction, .calibration, .calibrationError,
      ]
    case .multiclass: [.accuracy, .macroAUC, .logLoss, .majority]
    case .regression: [.rootMeanSquaredError, .meanAbsoluteError, .meanLabel, .meanPrediction]
    }
  }

  /// Those that a table shows, in the order of its columns: first what depends on the labels alone.
  public var columns: [Metric] {
    switch self {
    case .binary:
      [.baseRate] + metrics.filter { ![.aucLow, .baseRate, .meanPrediction].contains($0) }
    case .multiclass: [.majority] + metrics.filter { $0 != .majority }
    case .regression: [.meanLabel] + metrics.filter { $0 != .meanLabel }
    }
  }
}
