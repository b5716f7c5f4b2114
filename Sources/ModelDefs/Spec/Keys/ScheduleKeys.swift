/// The keys of `training.learning_rate_schedule`.
public enum ScheduleKeys {
  public static let warmupSteps = SpecKey.integer(
    "warmup_steps", default: 0, in: 0...1_000_000_000,
    "Over so many steps the rate rises in equal parts to the optimizer's.")
  public static let warmupEpochs = SpecKey.number(
    "warmup_epochs", default: 0, .notNegative,
    "The same in epochs, not necessarily whole. The schedule's own course starts after it.")
  public static let periodSteps = SpecKey.integer(
    "period_steps", default: 1, in: 1...1_000_000_000, "The period in steps."
  ).optional("`period_epochs`")
  public static let periodEpochs = SpecKey.number(
    "period_epochs", default: 1, .positive, "The period in epochs, not necessarily whole.")
  public static let cosinePeriodEpochs = SpecKey.number(
    "period_epochs", default: 1, .positive, "The period in epochs, not necessarily whole."
  ).optional("the rest of the training")
  public static let stepFactor = SpecKey.number(
    "factor", default: 0.1, .positive, "What the rate is multiplied by after each period.")
  public static let decayFactor = SpecKey.number(
    "factor", default: 0.9, .positive, "What the rate falls to within a period.")
  public static let finalFactor = SpecKey.number(
    "final_factor", default: 0, .notNegative,
    "The share of the rate that is left at the end of the period, and from then on.")

  static let variants = SpecVariants(
    noun: "schedule", at: "training.learning_rate_schedule", common: [warmupSteps, warmupEpochs],
    [
      ("constant", "The rate stays as it is once it is warm.", []),
      (
        "step", "After each period the rate is multiplied by the factor.",
        [stepFactor, periodSteps, periodEpochs]
      ),
      (
        "exponential", "rate · factor^(t / period): the rate falls a little at every step.",
        [decayFactor, periodSteps, periodEpochs]
      ),
      (
        "cosine",
        "The rate falls along half a cosine from 1 to the final factor (Loshchilov and Hutter,"
          + " ICLR 2017, without restarts).",
        [finalFactor, periodSteps, cosinePeriodEpochs]
      ),
    ])
}
