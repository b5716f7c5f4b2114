import Schema

/// The loss of a task.
public enum LossKind: String, Sendable, Hashable, CaseIterable {
  /// −y·ln p − (1−y)·ln(1−p).
  case binaryCrossEntropy = "binary_cross_entropy"
  /// −(1−p_y)^γ·ln p_y with the probability p_y of the row's own label (Lin et al., ICCV 2017).
  case focal
  /// −ln p_c with the probability p_c of the row's class c.
  case softmaxCrossEntropy = "softmax_cross_entropy"
  /// (ŷ − y)².
  case meanSquaredError = "mse"
  /// |ŷ − y|.
  case meanAbsoluteError = "mae"
  /// e²/2 for |e| ≤ δ, δ·(|e| − δ/2) beyond, with e = ŷ − y.
  case huber
  /// The zero-inflated lognormal loss of amounts that are mostly 0 (Wang et al., 2019).
  case ziln
  /// −ln σ(z_i − z_j) of the pairs of rows of a group with y_i > y_j (Burges et al., ICML 2005).
  case pairwiseLogistic = "pairwise_logistic"
  /// Cross entropy and a softmax over the rows of a group, of two logits (Sheng et al., 2022).
  case jrc

  /// Whether the label is 0 or 1 and the prediction from 0 to 1.
  public var isBinary: Bool {
    switch self {
    case .binaryCrossEntropy, .focal, .pairwiseLogistic, .jrc: true
    case .softmaxCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber, .ziln: false
    }
  }

  /// Whether it compares the rows of a group, which must then be of one batch.
  public var comparesRows: Bool {
    switch self {
    case .pairwiseLogistic, .jrc: true
    case .binaryCrossEntropy, .focal, .softmaxCrossEntropy, .meanSquaredError, .meanAbsoluteError,
      .huber, .ziln:
      false
    }
  }

  /// The width of a head whose tasks have no classes.
  var outputs: Int {
    switch self {
    case .ziln: ZeroInflatedLognormal.outputs
    case .jrc: JointRankingCalibration.outputs
    case .binaryCrossEntropy, .focal, .softmaxCrossEntropy, .meanSquaredError, .meanAbsoluteError,
      .huber, .pairwiseLogistic:
      1
    }
  }
}

/// A task as the spec declares it.
public struct TaskSpec: Sendable, Hashable {
  public var name: String
  /// The column with the label.
  public var label: String
  public var loss: LossKind
  /// The factor of the task's loss in the total.
  public var weight: Double
  /// The texts of the label of a multi-class task, one a class; empty for other tasks.
  public var classes: [String]
  /// ε of a binary label that is smoothed to y·(1−ε) + ε/2 in the loss.
  public var labelSmoothing: Double
  /// The factor of rows with label 1 in the loss `binary_cross_entropy`.
  public var positiveWeight: Double
  /// γ of the focal loss.
  public var focalGamma: Double
  /// α of the focal loss; nil for a factor of 1.
  public var focalAlpha: Double?
  /// δ of the Huber loss, in deviations of the labels, or in their own unit where they are not
  /// normalized.
  public var huberDelta: Double
  /// α of the loss `jrc`: the share of the cross entropy.
  public var jrcAlpha: Double
  /// Whether a regression learns (y − μ)/2σ, with the mean and deviation of the training labels.
  public var normalizes: Bool
  /// The share of the rows with label 0 that the training data kept, 0 < r ≤ 1.
  public var negativeSamplingRate: Double
  public var outputBias: OutputBias
  /// Whether the rows of the task may weigh differently, or not count at all.
  public var weighsRows = false

  public init(
    name: String, label: String, loss: LossKind, weight: Double, classes: [String] = [],
    labelSmoothing: Double = 0, positiveWeight: Double = 1, focalGamma: Double = 2,
    focalAlpha: Double? = nil, huberDelta: Double = 1, jrcAlpha: Double = 0.5,
    normalizes: Bool = true,
    negativeSamplingRate: Double = 1, outputBias: OutputBias = .prior
  ) {
    self.name = name
    self.label = label
    self.loss = loss
    self.weight = weight
    self.classes = classes
    self.labelSmoothing = labelSmoothing
    self.positiveWeight = positiveWeight
    self.focalGamma = focalGamma
    self.focalAlpha = focalAlpha
    self.huberDelta = huberDelta
    self.jrcAlpha = jrcAlpha
    self.normalizes = normalizes
    self.negativeSamplingRate = negativeSamplingRate
    self.outputBias = outputBias
  }

  public var kind: TaskKind {
    isMulticlass ? .multiclass(classes: outputs) : isBinary ? .binary : .regression
  }
  public var isBinary: Bool { loss.isBinary }
  public var isMulticlass: Bool { loss == .softmaxCrossEntropy }
  /// The width of the task's head: its classes, or what the loss asks for.
  public var outputs: Int { isMulticlass ? max(1, classes.count) : loss.outputs }
}

/// Where the bias of a task's output starts.
public enum OutputBias: String, Sendable, Hashable, CaseIterable {
  /// Where the first predictions are right on average: the logit of the base rate, the mean.
  case prior
  case zero
}

extension TaskSpec {
  /// Whether training moves the bias of the output. Differences of logits do not depend on it: its
  /// gradient would be what rounding leaves of 0, which rules such as Adam make as large as any.
  var trainsOutputBias: Bool { loss != .pairwiseLogistic }

  /// Where the bias of the output starts. Classes start at 0.
  func outputStart(_ prior: LabelPrior) -> Double {
    guard outputBias == .prior else { return 0 }
    switch kind {
    // Of two logits each gets half.
    case .binary: return (prior.logit + log(positiveWeight)) / Double(outputs)
    case .multiclass: return 0
    case .regression: return labelScale(prior) == nil && loss != .ziln ? prior.mean : 0
    }
  }

  /// The mean μ of a regression's labels and the scale 2σ, where it learns (y − μ)/2σ; of labels that are
  /// all alike the scale is 1.
  ///
  /// Two deviations give a number the spread of a binary label of base rate ½ (A. Gelman, "Scaling
  /// regression inputs by dividing by two standard deviations", Statistics in Medicine 27, 2008), so
  /// that outputs of both kinds have as far to go.
  func labelScale(_ prior: LabelPrior?) -> (mean: Double, deviations: Double)? {
    guard kind == .regression, normalizes, loss != .ziln, let prior else { return nil }
    guard prior.deviation > 0 else { return (prior.mean, 1) }
    return (
      prior.mean,
      min(Self.deviationsPerUnit * prior.deviation, Double(Float.greatestFiniteMagnitude))
    )
  }

  /// The deviations of the labels that are 1 in what a normalized regression learns.
  private static let deviationsPerUnit = 2.0

  /// δ of the Huber loss in the unit of what is learned.
  func scaledHuberDelta(isNormalized: Bool) -> Double {
    isNormalized ? huberDelta / Self.deviationsPerUnit : huberDelta
  }

  /// The name of the parameter that holds the mean or the scale of the labels: `part` is `mean` or
  /// `deviation`.
  package func labelScaleParameter(_ part: String) -> String { "towers.\(name).label.\(part)" }

  /// What is added to the logit for a prediction. Of a model that learned from all positive and a
  /// share r of the negative rows, odds are 1/r times too large (G. King, L. Zeng, "Logistic
  /// Regression in Rare Events Data", Political Analysis 9, 2001, eq. 7).
  var logitOffset: Double { log(negativeSamplingRate) }
}
