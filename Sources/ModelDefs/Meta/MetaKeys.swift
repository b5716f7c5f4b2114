/// The keys of a spec whose model is `maml`.
enum MetaKeys {
  static let data = SpecKey.section("data", "The arrays, or the tables, of episodes.").required()
  static let features = SpecKey.section(
    "features", type: "list of objects",
    "What the model reads of a row; with it, tasks are groups of rows of tables.")
  static let tasks = SpecKey.section(
    "tasks", type: "list of objects", "What the model predicts of a row.")

  /// Tasks are episodes of images.
  static let imageRoot = SpecSection(
    "spec of type \"maml\"", "A model that learns to learn from few images of each class.",
    keys: [SpecKeys.name, data, SpecKeys.model, SpecKeys.training])
  /// Tasks are groups of rows.
  static let rowRoot = SpecSection(
    "spec of type \"maml\" on rows", "A model that adapts to a group from a few of its rows.",
    keys: [SpecKeys.name, data, features, tasks, SpecKeys.model, SpecKeys.training])

  // MARK: Data

  static let train = SpecKey.strings(
    "train",
    "`.npy` arrays [class, example, height, width] of uint8 or f32 whose classes are trained on,"
      + " relative to the spec's folder."
  ).required()
  static let test = SpecKey.strings("test", "Arrays of classes that training does not see.")
  static let rotations = SpecKey.boolean(
    "rotations", default: true,
    "Turning all images of a class by 90, 180 and 270 degrees gives three more classes to train"
      + " on.")
  static let generate = SpecKey.choice(
    "generate", default: GeneratedEpisodes.none,
    "Writes the files of `train` and `test` when they are missing: `characters` are random strokes"
      + " drawn by many hands.")
  static let imageData = SpecSection(
    "data of episodes", "Images by class.", keys: [train, test, rotations, generate])

  // MARK: Model

  static let order = SpecKey.integer(
    "order", default: 1, in: 1...2,
    "1: the meta gradient takes the inner gradients for constants (FOMAML); 2: it goes through"
      + " them.")
  static let innerSteps = SpecKey.integer(
    "inner_steps", default: 5, in: 1...64, "Steps of gradient descent on a task's support set.")
  static let innerStepsEval = SpecKey.integer(
    "inner_steps_eval", default: 5, in: 0...64, "The same in evaluation."
  ).optional("inner_steps")
  static let innerLearningRate = SpecKey.number(
    "inner_learning_rate", default: 0.1, .positive, "The step size of the inner loop.")
  static let inner: [any AnySpecKey] = [order, innerSteps, innerStepsEval, innerLearningRate]

  static let ways = SpecKey.integer("ways", default: 5, in: 2...1024, "Classes of an episode.")
  static let shots = SpecKey.integer(
    "shots", default: 1, in: 1...1024, "Examples of each class to adapt on.")
  static let queries = SpecKey.integer(
    "queries", default: 15, in: 1...1024, "Examples of each class to be told apart.")
  static let network = SpecKey.choice(
    "network", default: BaseNetwork.Kind.conv4,
    "`conv4`: four blocks of a 3×3 convolution, batch normalisation with the statistics of the"
      + " batch, relu and 2×2 maximum (Vinyals et al., NIPS 2016); `mlp`: dense layers.")
  static let channels = SpecKey.integer(
    "channels", default: 64, in: 1...4096, "Channels of each block of `conv4`.")
  static let hiddenUnits = SpecKey.units(
    "hidden_units", default: [256, 128], "The hidden layers of `mlp`.")
  static let imageModel = SpecSection(
    "model of type \"maml\"",
    "MAML (Finn, Abbeel and Levine, ICML 2017): weights from which a few steps on a task's examples"
      + " lead to a good model of the task.",
    keys: [typeKey, network, channels, hiddenUnits, ways, shots, queries] + inner)

  static let group = SpecKey.name("group", "The column whose rows of one value are a task.")
    .required()
  static let supportRows = SpecKey.integer(
    "support_rows", default: 8, in: 1...65_536, "Rows of a group to adapt on.")
  static let queryRows = SpecKey.integer(
    "query_rows", default: 16, in: 1...65_536, "Rows of a group to predict.")
  static let base = SpecKey.section(
    "base", "The model that is adapted, with the keys of its own type."
  ).required()
  static let adapt = SpecKey.choice(
    "adapt", default: AdaptedPart.decision,
    "What an inner step moves: `decision`, all layers behind the embeddings (MeLU: Lee et al., KDD"
      + " 2019), or `all` parameters.")
  static let rowModel = SpecSection(
    "model of type \"maml\" on rows",
    "MAML for the cold start: the decision layers adapt to a group of rows.",
    keys: [typeKey, group, supportRows, queryRows, base, adapt] + inner)

  static let typeKey = SpecKey.string("type", default: "maml", "Which model it is.")

  // MARK: Training

  static let metaSteps = SpecKey.integer(
    "meta_steps", default: 1000, in: 1...100_000_000, "Steps of the meta optimizer.")
  static let metaBatchSize = SpecKey.integer(
    "meta_batch_size", default: 8, in: 1...4096, "Tasks of a meta step.")
  static let evalEpisodes = SpecKey.integer(
    "eval_episodes", default: 200, in: 2...1_000_000,
    "Episodes of an evaluation; on rows every group is one.")
  static let evalEvery = SpecKey.integer(
    "eval_every", default: 0, in: 0...100_000_000,
    "Meta steps from one evaluation on the test data to the next; 0 evaluates at the end alone.")
  static let training = SpecSection(
    "training of type \"maml\"", "How the model is trained.",
    keys: [
      metaSteps, metaBatchSize, evalEpisodes, evalEvery, TrainingKeys.seed, TrainingKeys.optimizer,
    ])
}

/// Arrays that the project can generate by itself.
public enum GeneratedEpisodes: String, Sendable, Hashable, CaseIterable {
  case none
  case characters
}

/// What an inner step moves.
public enum AdaptedPart: String, Sendable, Hashable, CaseIterable {
  case decision
  case all
}
