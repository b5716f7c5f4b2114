/// The rows in which a feature has one value, or a number lies in one range.
public struct RowSlice: Sendable, Hashable {
  public var task: String
  public var feature: String
  /// As it stands in the data, or the range: `37 to 48`.
  public var value: String
  /// With a label of the task that counts.
  public var rows: Int
  /// The mean label: of a binary task the base rate.
  public var label: Double
  /// The mean prediction.
  public var prediction: Double
  /// The AUC of a binary task, the RMSE of a regression.
  public var metric: Metric
  public var score: MetricValue
  /// How many standard errors the sum of the labels is below that of the predictions, as if the
  /// predictions were right; 0 for a regression.
  public var deviations: Double

  public init(
    task: String, feature: String, value: String, rows: Int, label: Double, prediction: Double,
    metric: Metric, score: MetricValue, deviations: Double
  ) {
    self.task = task
    self.feature = feature
    self.value = value
    self.rows = rows
    self.label = label
    self.prediction = prediction
    self.metric = metric
    self.score = score
    self.deviations = deviations
  }
}

/// Two steps of a funnel, one after the other.
public struct FunnelStepReport: Sendable, Hashable {
  public var step: String
  public var before: String
  /// Rows of the sample, and those in which the step is more probable than the one before.
  public var rows: Int
  public var inverted: Int
  /// Rows that took the step before and whose label of this step is known.
  public var reached: Int
  /// The share of them that took the step.
  public var rate: Double
  /// The mean of the step's probability over that of the step before, over the same rows.
  public var prediction: Double

  public init(
    step: String, before: String, rows: Int, inverted: Int, reached: Int, rate: Double,
    prediction: Double
  ) {
    self.step = step
    self.before = before
    self.rows = rows
    self.inverted = inverted
    self.reached = reached
    self.rate = rate
    self.prediction = prediction
  }
}
