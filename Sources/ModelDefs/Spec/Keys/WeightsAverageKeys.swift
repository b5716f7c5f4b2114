import Schema

/// The keys of `training.weights_average`.
public enum WeightsAverageKeys {
  public static let decay = SpecKey.number(
    "decay", default: 0.999, .share,
    "The share of the average that a step keeps. The average is over about 1 / (1 − decay) steps.")
  public static let start = SpecKey.number(
    "start", default: 0.75, .share,
    "The share of `epochs` that passes before the first one that counts. The last one always counts."
  )

  static let variants = SpecVariants(
    noun: "average", at: "training.weights_average",
    [
      (
        "ema",
        "The exponential moving average of the weights after each step; start values have no part in it."
          + " Not with `sparse_optimizer`, whose steps must not touch all rows of a table.",
        [decay]
      ),
      (
        "swa",
        "Stochastic weight averaging: the mean of the weights at the ends of the last epochs (Izmailov and"
          + " others, UAI 2018).",
        [start]
      ),
    ])

  /// What `training` asks for; nil for the last step's weights.
  static func read(_ training: SectionReader) -> WeightsAverage? {
    guard let node = training.child(TrainingKeys.weightsAverage),
      let (type, section) = variants.read(node)
    else { return nil }
    if type == "swa" { return .stochastic(start: section[start]) }
    if training.isSet(TrainingKeys.sparseOptimizer) {
      node.report(
        "type \"ema\" goes only without \"sparse_optimizer\": each step would touch all rows of the"
          + " tables; \"swa\" goes over them once an epoch")
    }
    return .exponential(decay: section[decay])
  }
}
