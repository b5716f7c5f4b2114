import Schema

/// The steps of a training run: what each learns from, and what is measured between them. There are
/// those on rows and those on episodes; `Trainer` takes both.
package protocol TrainingSteps: AnyObject {
  var settings: TrainingSettings { get }
  var engine: any ParameterEngine { get }
  /// The whole run's.
  var epochs: Int { get }
  /// Goes through the batches from a place in the run.
  func cursor(from position: TrainingPosition) -> BatchCursor
  /// Puts a batch where the engine reads it. Throws when its rows cannot be read.
  func load(_ batch: Range<Int>, of cursor: BatchCursor) throws
  /// A step on the batch that was loaded.
  func train() throws
  /// The same step, slowly.
  /// - Returns: What first held a value that is not finite; nil when nothing did.
  func trainLookingForNonFinite() throws -> String?
  /// The number of the batch that was loaded which is farthest from 1, where one is.
  /// - Parameter schema: Names its columns.
  func extreme(_ schema: DataSchema) -> ExtremeNumber?
  /// The loss of the last step, and the task whose loss is to blame when it is not finite.
  var loss: (value: Float, task: String?) { get }

  /// Adds the losses of the last step to those of the part of the run that is reported next.
  func addLosses()
  /// The means of the losses since the last report.
  var means: LossMeans { get }
  /// Those losses.
  var sums: LossSums { get set }
  /// Whether a report is due at a step inside an epoch.
  func isReportDue(_ step: Int) -> Bool
  /// Called after the last step of an epoch.
  /// - Parameter rows: Of the epoch.
  func endEpoch(rows: Int) throws
  /// What early stopping can go by: metrics of a task, or of no task in particular.
  /// - Throws: `EarlyStoppingError` when nothing is evaluated in between.
  var watchedMetrics: [(task: String?, metric: String)] { get throws }
  /// Whether an evaluation is due at a step.
  func isEvaluationDue(_ step: Int, isEndOfEpoch: Bool) -> Bool
  /// Measures the model as it is.
  func evaluate() throws -> Evaluation
}

/// The means of the losses over a part of a training run.
package struct LossMeans {
  /// Rows or episodes.
  var rows = 0
  var loss = 0.0
  /// By task; nil for one without a loss.
  var tasks: [Double?] = []
  /// What each task's loss counts in the total; nil for a task without one.
  var weights: [Double?] = []
  /// Of the queries of episodes of images.
  var accuracy: Double?
}
