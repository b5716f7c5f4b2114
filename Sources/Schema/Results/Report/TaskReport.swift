/// How a task's predictions lie to its labels.
public struct TaskReport: Sendable, Hashable {
  public var task: String
  public var kind: TaskKind
  /// Rows of the sample with a label that counts.
  public var rows: Int
  /// Points (false positive rate, true positive rate) from (0, 0) to (1, 1); empty but for a binary task
  /// with both classes.
  public var roc: [CurvePoint] = []
  /// Points (recall, precision) from the highest threshold on; empty as `roc`.
  public var precisionRecall: [CurvePoint] = []
  /// Of a binary task bins of equal width, those without rows left out; of a regression bins of equally
  /// many rows.
  public var reliability: [ReliabilityBin] = []
  /// Of a binary task by class, of a regression of all rows.
  public var histogram: ScoreHistogram?
  /// Of a task with classes.
  public var classes: [ClassReport] = []

  public init(task: String, kind: TaskKind, rows: Int) {
    self.task = task
    self.kind = kind
    self.rows = rows
  }
}

/// A point of a curve.
public struct CurvePoint: Sendable, Hashable {
  public var x: Double
  public var y: Double

  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// Rows with similar predictions.
public struct ReliabilityBin: Sendable, Hashable {
  public var rows: Int
  /// The mean prediction.
  public var prediction: Double
  /// The mean label: of a binary task the share of positive ones.
  public var label: Double

  public init(rows: Int, prediction: Double, label: Double) {
    self.rows = rows
    self.prediction = prediction
    self.label = label
  }
}

/// How many rows have a prediction in each of equally wide ranges.
public struct ScoreHistogram: Sendable, Hashable {
  public var lowest: Double
  public var highest: Double
  /// Rows with a positive label; of a regression all.
  public var positives: [Int]
  /// Rows with a negative label; zeros for a regression.
  public var negatives: [Int]

  public init(lowest: Double, highest: Double, positives: [Int], negatives: [Int]) {
    self.lowest = lowest
    self.highest = highest
    self.positives = positives
    self.negatives = negatives
  }
}

/// One class of a task.
public struct ClassReport: Sendable, Hashable {
  public var name: String
  /// Rows of the class.
  public var rows: Int
  /// The share of them for which it is the likeliest class; 0 without rows.
  public var recall: Double
  /// The mean of its probability over all rows.
  public var prediction: Double

  public init(name: String, rows: Int, recall: Double, prediction: Double) {
    self.name = name
    self.rows = rows
    self.recall = recall
    self.prediction = prediction
  }
}
