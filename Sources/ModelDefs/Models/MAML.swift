import GraphIR
import Schema

/// Model-agnostic meta-learning.
///
/// C. Finn, P. Abbeel, S. Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep
/// Networks", ICML 2017, algorithm 1: weights from which a few steps of gradient descent on the
/// support set of a task lead to a good model of its query set. A task is an episode of images, or,
/// in a spec with features, a group of rows (MeLU: Lee et al., KDD 2019).
public struct MAML: ModelDefinition {
  public static let type = "maml"
  package static let learnsFromEpisodes = true

  // MARK: Keys

  public static let order = SpecKey.integer(
    "order", default: 1, in: 1...2,
    "1: the meta gradient takes the inner gradients for constants (FOMAML); 2: it goes through"
      + " them.")
  public static let innerSteps = SpecKey.integer(
    "inner_steps", default: 5, in: 1...64, "Steps of gradient descent on a task's support set.")
  public static let innerStepsEval = SpecKey.integer(
    "inner_steps_eval", default: 5, in: 0...64, "The same in evaluation."
  ).optional("inner_steps")
  public static let innerLearningRate = SpecKey.number(
    "inner_learning_rate", default: 0.1, .positive, "The step size of the inner loop.")

  public static let ways = SpecKey.integer(
    "ways", default: 5, in: 2...1024, "Images: classes of an episode.")
  public static let shots = SpecKey.integer(
    "shots", default: 1, in: 1...1024, "Images: examples of each class to adapt on.")
  public static let queries = SpecKey.integer(
    "queries", default: 15, in: 1...1024, "Images: examples of each class to be told apart.")
  package static let network = SpecKey.choice(
    "network", default: BaseNetwork.Kind.conv4,
    "Images: `conv4`, four blocks of a 3×3 convolution, batch normalisation with the statistics of"
      + " the batch, relu and 2×2 maximum (Vinyals et al., NIPS 2016), or `mlp`, dense layers.")
  public static let channels = SpecKey.integer(
    "channels", default: 64, in: 1...4096, "Channels of each block of `conv4`.")
  public static let hiddenUnits = SpecKey.units(
    "hidden_units", default: [256, 128], "The hidden layers of `mlp`.")

  public static let group = SpecKey.name(
    "group", "Rows: the column whose rows of one value are a task; required."
  ).optional()
  public static let supportRows = SpecKey.integer(
    "support_rows", default: 8, in: 1...65_536, "Rows: how many of a group to adapt on.")
  public static let queryRows = SpecKey.integer(
    "query_rows", default: 16, in: 1...65_536, "Rows: how many of a group to predict.")
  package static let base = SpecKey.section(
    "base", "Rows: the model that is adapted, with the keys of its own type; required.")
  public static let adapt = SpecKey.choice(
    "adapt", default: AdaptedPart.decision,
    "Rows: what an inner step moves: `decision`, all layers behind the embeddings (MeLU: Lee et al.,"
      + " KDD 2019), or `all` parameters.")

  private static let ofImages: [any AnySpecKey] = [
    network, channels, hiddenUnits, ways, shots, queries,
  ]
  private static let ofRows: [any AnySpecKey] = [group, supportRows, queryRows, base, adapt]

  package static let section = SpecSection(
    "model of type \"maml\"",
    "MAML (Finn, Abbeel and Levine, ICML 2017): weights from which a few steps on a task's examples"
      + " lead to a good model of the task. In a spec without `features` a task is an episode of"
      + " images, with them a group of rows.",
    keys: [order, innerSteps, innerStepsEval, innerLearningRate] + ofImages + ofRows)

  // MARK: Decoding

  /// What the tasks are made of, and what adapts to them.
  package let learning: Learning

  package init(_ section: SectionReader) {
    let steps = section[Self.innerSteps]
    let inner = InnerLoop(
      steps: steps, evaluationSteps: section[Self.innerStepsEval] ?? steps,
      learningRate: section[Self.innerLearningRate], order: section[Self.order])
    if let group = section[Self.group], let node = section.child(Self.base),
      let base = ModelSpec.read(node)
    {
      learning = .groups(
        RowEpisodeModel(
          base: base.model, inner: inner, group: group, supportRows: section[Self.supportRows],
          queryRows: section[Self.queryRows], adapts: section[Self.adapt]))
    } else {
      learning = .images(
        ImageEpisodeModel(
          network: BaseNetwork(
            kind: section[Self.network], channels: section[Self.channels],
            hiddenUnits: section[Self.hiddenUnits]),
          inner: inner, ways: section[Self.ways], shots: section[Self.shots],
          queries: section[Self.queries]))
    }
  }

  package func check(_ scope: ModelScope) {
    let section = scope.section
    guard scope.hasFeatures else {
      section.refuse(
        Self.ofRows, "goes only with \"features\", with which tasks are groups of rows")
      let kind = section[Self.network]
      if kind != .mlp { section.refuse([Self.hiddenUnits], "goes only with the network \"mlp\"") }
      if kind != .conv4 { section.refuse([Self.channels], "goes only with the network \"conv4\"") }
      return
    }
    section.refuse(Self.ofImages, "goes only with images, in a spec without \"features\"")
    for key in [Self.group as any AnySpecKey, Self.base] where !section.isSet(key) {
      section.node.report("the required key \(quoted(key.name)) is missing")
    }
    guard let node = section.child(Self.base), let base = ModelSpec.read(node) else { return }
    let definition = base.model.definition
    if Swift.type(of: definition).learnsFromEpisodes {
      return node.report("a model that learns from episodes itself cannot be adapted")
    }
    if base.model.ensemble != nil { node.report("a model with an \"ensemble\" cannot be adapted") }
    base.model.check(
      ModelScope(tasks: scope.tasks, features: scope.features, section: base.section))
    if !definition.conditionalOutputs(scope.tasks).isEmpty {
      node.report("a model with conditional outputs cannot be adapted")
    }
    if scope.tasks.contains(where: \.weighsRows) {
      node.report("a task that weighs its rows cannot be adapted to")
    }
    if scope.tasks.contains(where: \.loss.comparesRows) {
      node.report("a task whose loss compares rows cannot be adapted to")
    }
    if scope.tasks.contains(where: \.isMulticlass) {
      node.report("a task of several classes cannot be adapted to")
    }
  }
}

extension MAML {
  /// The model of rows before it adapts.
  package func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    guard case .groups(let model) = learning else {
      throw ModelError("a model of images does not read rows")
    }
    return try model.base.forward(features, context, on: e)
  }
}

/// What an inner step moves.
public enum AdaptedPart: String, Sendable, Hashable, CaseIterable {
  case decision
  case all
}
