/// The keys of an entry of `tasks`.
public enum TaskKeys {
  public static let name = SpecKey.name(
    "name", "The name of the task and of its column of predictions."
  )
  .required()
  public static let label = SpecKey.name("label", "The column with the label.").optional("the name")
  public static let positive = SpecKey.strings(
    "positive", "The texts of the label that count as 1; without them the label holds 0 or 1.")
  public static let classes = SpecKey.strings(
    "classes",
    "The texts of the label of a multi-class task, each a class; its loss is softmax_cross_entropy."
  )
  public static let soft = SpecKey.boolean(
    "soft", default: false,
    "Whether the label is a number from 0 to 1, the probability of 1. Of the metrics, AUC and accuracy"
      + " count labels above 0.5 as 1.")
  public static let weightColumn = SpecKey.name(
    "weight_column",
    "The column with each row's weight in the task's loss, at least 0. A row of weight 0 has no label."
  ).optional("a weight of 1")
  public static let space = SpecKey.section(
    "where",
    "The rows that the task is about, { column, values, outside_weight }; the others have no label, as"
      + " impressions without a click have none for a conversion.")
  public static let loss = SpecKey.choice(
    "loss", default: LossKind.binaryCrossEntropy,
    "The loss, a mean over the rows. `ziln` is for amounts of which most are 0, as what a customer"
      + " spends: it learns p, μ and σ and predicts p·exp(μ + σ²/2) (Wang et al., 2019). Two compare"
      + " the rows of a group of `data.group_by`: `pairwise_logistic` learns to rank positive rows before"
      + " others (its σ(z) are no probabilities), `jrc` to rank and to predict probabilities (Sheng et al.,"
      + " 2022)."
  ).optional("binary_cross_entropy; softmax_cross_entropy with `classes`")
  public static let weight = SpecKey.number(
    "weight", default: 1, .notNegative, "The task's factor in the total loss.")
  public static let labelSmoothing = SpecKey.number(
    "label_smoothing", default: 0, .share,
    "ε of a label that counts as y·(1−ε) + ε/2 in the loss, of n classes as y·(1−ε) + ε/n.")
  public static let positiveWeight = SpecKey.number(
    "positive_weight", default: 1, .positive,
    "The factor of rows with label 1 in the loss `binary_cross_entropy`. Predictions grow with it:"
      + " they are no longer probabilities of the data.")
  public static let negativeSamplingRate = SpecKey.number(
    "negative_sampling_rate", default: 1, .positiveShare,
    "The share r of the rows with label 0 that the training data kept. Predictions are corrected for"
      + " the others, σ(z + ln r); so validation and test rows are those of all.")
  public static let normalize = SpecKey.boolean(
    "normalize", default: true,
    "Whether a regression learns (y − μ)/2σ, with the mean and deviation of the training labels; its"
      + " loss is that of these, its predictions and metrics are in the unit of the label. Beside other"
      + " tasks of fixed weights its gradient is brought to the size of a binary task's.")
  public static let outputBias = SpecKey.choice(
    "output_bias", default: OutputBias.prior,
    "Where the bias of the task's output starts: `prior`, at the base rate or mean of its training"
      + " labels (of a funnel's step given the one before), or `zero`. Classes start at 0.")
  public static let focalAlpha = SpecKey.number(
    "focal_alpha", default: 0.25, .positiveShare,
    "α of the loss `focal`: the factor of rows with label 1, and 1 − α that of the others."
  ).optional("a factor of 1")
  public static let focalGamma = SpecKey.number(
    "focal_gamma", default: 2, .notNegative,
    "γ of the loss `focal`: how much less the rows count that are already right.")
  public static let jrcAlpha = SpecKey.number(
    "jrc_alpha", default: 0.5, .closedShare,
    "α of the loss `jrc`: the share of the cross entropy; that of the ranking of a group is 1 − α.")
  public static let huberDelta = SpecKey.number(
    "huber_delta", default: 1, .positive,
    "Where the loss `huber` turns from square to linear: in deviations of the label, and without"
      + " `normalize` in its own unit.")

  static let section = SpecSection(
    "tasks[]", "What the model predicts; a list of objects.",
    keys: [
      name, label, positive, classes, loss, weight, soft, weightColumn, space, labelSmoothing,
      positiveWeight,
      negativeSamplingRate, focalGamma, focalAlpha, jrcAlpha, huberDelta, normalize, outputBias,
    ])
}
