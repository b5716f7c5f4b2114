import Schema

/// The keys of `training`.
public enum TrainingKeys {
  public static let batchSize = SpecKey.integer(
    "batch_size", default: 256, in: 1...SpecLimits.batch, "Rows of a training step.")
  public static let evalBatchSize = SpecKey.integer(
    "eval_batch_size", default: 4096, in: 1...SpecLimits.batch, "Rows of a prediction step.")
  public static let microBatches = SpecKey.integer(
    "micro_batches", default: 1, in: 1...MicroBatches.most,
    "Into how many runs of rows a batch is cut, which go through the model one after the other with memory for"
      + " one of them. Their gradients are added up before the one step of the optimizer.")
  public static let epochs = SpecKey.integer(
    "epochs", default: 5, in: 1...1_000_000, "How often the training data is gone through.")
  public static let seed = SpecKey.integer(
    "seed", default: 1, in: 0...Int.max,
    "Fixes the initial weights, the order of the rows and dropout.")
  public static let shuffle = SpecKey.boolean(
    "shuffle", default: true, "A new order of the rows in each epoch.")
  public static let optimizer = SpecKey.section("optimizer", "The rule that moves the parameters.")
  public static let sparseOptimizer = SpecKey.section(
    "sparse_optimizer",
    "The rule for embedding tables, of which a step then moves only the rows that it uses and whose"
      + " gradient is not zero. Without it `optimizer` moves them too, all rows at each step.")
  public static let l2 = SpecKey.number(
    "l2", default: 0, .notNegative,
    "λ of a penalty λ/2·‖w‖² on every kernel (`.kernel`): of layers, gates, transfers and the attention"
      + " pooling. Biases, normalizations and tables have none.")
  public static let embeddingL2 = SpecKey.number(
    "embedding_l2", default: 0, .notNegative, "λ of a penalty λ/2·‖w‖² on embedding tables.")
  public static let schedule = SpecKey.section(
    "learning_rate_schedule", "How the learning rate changes from step to step.")
  public static let clipNorm = SpecKey.number(
    "gradient_clip_norm", default: 0, .positive,
    "All gradients are scaled down together where their norm ‖g‖₂ is above this."
  ).optional("not clipped")
  public static let clipValue = SpecKey.number(
    "gradient_clip_value", default: 0, .positive,
    "Each element of a gradient is cut to ±this, before the norm is taken."
  ).optional("not clipped")
  public static let matmulPrecision = SpecKey.choice(
    "matmul_precision", default: MatmulPrecision.highest,
    "How exactly large matrix products of a training step take the numbers that they multiply:"
      + " `highest` as floats, `high` as two bfloat16 (to 2⁻¹⁷), `medium` as one (to 2⁻⁸). Sums,"
      + " weights and predictions stay floats. Faster only on processors with AMX; others ignore"
      + " it.")
  public static let earlyStopping = SpecKey.section(
    "early_stopping", "When to end before the last epoch, and which epoch to keep.")

  public static let weightsAverage = SpecKey.section(
    "weights_average",
    "An average of the weights of many steps, by which the model is validated and which the plan keeps."
  )

  public static let initializeFrom = SpecKey.name(
    "initialize_from",
    "A trained plan whose parameters training begins with, by their names; rows of tables by their"
      + " ids: vocabularies begin with those of the plan, and new ids follow."
  ).optional("random weights")
  public static let initialNormalizers = SpecKey.choice(
    "initialize_normalizers", default: InitialNormalizers.keep,
    "With `initialize_from`: `keep` those of the plan, boundaries of buckets too, or `fit` them to the"
      + " new rows.")

  public static let initialOptimizer = SpecKey.choice(
    "initialize_optimizer", default: InitialOptimizer.drop,
    "With `initialize_from`: `keep` the states of the plan's optimizer, as its moments and sums of"
      + " squares, with its count of steps; or `drop` them. To be kept they must be in the plan: see"
      + " `save_optimizer`.")
  public static let saveOptimizer = SpecKey.boolean(
    "save_optimizer", default: false,
    "The trained plan holds the states of the optimizer beside the weights, for a later"
      + " `initialize_optimizer: \"keep\"`. A checkpoint always does.")

  public static let metaSteps = SpecKey.integer(
    "meta_steps", default: 1000, in: 1...100_000_000, "Episodes: steps of the meta optimizer.")
  public static let metaBatchSize = SpecKey.integer(
    "meta_batch_size", default: 8, in: 1...4096, "Episodes: how many a meta step takes.")
  static let defaultEvalEpisodes = 200
  public static let evalEpisodes = SpecKey.integer(
    "eval_episodes", default: defaultEvalEpisodes, in: 2...1_000_000,
    "Episodes: how many an evaluation takes."
  ).optional("\(defaultEvalEpisodes) of images, each group of rows")
  public static let evalEvery = SpecKey.integer(
    "eval_every", default: 0, in: 0...100_000_000,
    "Episodes: meta steps from one evaluation to the next, on the validation data if there is any and"
      + " the test data otherwise; 0 evaluates at the end alone.")

  /// Of learning from rows alone.
  static let ofRows: [any AnySpecKey] =
    [
      batchSize, microBatches, evalBatchSize, epochs, shuffle, sparseOptimizer, l2, embeddingL2,
      matmulPrecision, weightsAverage, initializeFrom, initialNormalizers, initialOptimizer,
      saveOptimizer,
    ] + TaskWeightingKeys.keys
  /// Of learning from episodes alone.
  static let ofEpisodes: [any AnySpecKey] = [metaSteps, metaBatchSize, evalEpisodes, evalEvery]

  static let section = SpecSection(
    "training", "How the model is trained.",
    keys: [seed, optimizer, schedule, clipNorm, clipValue, earlyStopping] + ofRows + ofEpisodes)
}
