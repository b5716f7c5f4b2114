/// How well the test rows of a generated table can be ranked at all.
public struct BestAUC: Sendable, Hashable {
  public var task: String
  /// The area under the ROC curve of the true probabilities; no model does better but by chance.
  public var auc: Double
  /// The share of positive labels among the test rows.
  public var baseRate: Double

  public init(task: String, auc: Double, baseRate: Double) {
    self.task = task
    self.auc = auc
    self.baseRate = baseRate
  }
}

/// How well the numbers of generated test rows can be told at all: what the true function leaves.
public struct BestFit: Sendable, Hashable {
  public var task: String
  /// The mean squared error of the true function.
  public var mse: Double
  /// The share of the labels' variance that it explains.
  public var r2: Double

  public init(task: String, mse: Double, r2: Double) {
    self.task = task
    self.mse = mse
    self.r2 = r2
  }
}
