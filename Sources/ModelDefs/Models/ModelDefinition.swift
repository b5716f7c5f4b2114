import GraphIR

/// An architecture: the keys of its spec, and its forward computation from features to one head per
/// task.
public protocol ModelDefinition: Sendable {
  /// The value of `model.type`.
  static var type: String { get }
  /// Its keys besides `type`.
  static var section: SpecSection { get }

  /// Whether the model learns from episodes instead of rows.
  static var learnsFromEpisodes: Bool { get }

  init(_ section: SectionReader)

  /// What a step of training learns from.
  var learning: Learning { get }

  /// Reports tasks and features that the model cannot have.
  func check(_ scope: ModelScope)

  /// The names of the tasks of which each needs the one before, first to last; empty for models that
  /// know no such order.
  func funnelSteps(_ tasks: [TaskSpec]) -> [String]

  /// What `forward` hands out in `extras`.
  func conditionalOutputs(_ tasks: [TaskSpec]) -> [ConditionalOutput]

  func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor>
}

extension ModelDefinition {
  public static var learnsFromEpisodes: Bool { false }
  public var learning: Learning { .rows }
  public func check(_ scope: ModelScope) {}
  public func funnelSteps(_ tasks: [TaskSpec]) -> [String] { [] }
  public func conditionalOutputs(_ tasks: [TaskSpec]) -> [ConditionalOutput] { [] }
}

/// What a model is asked to work with, and where to say that it cannot.
public struct ModelScope {
  public let tasks: [TaskSpec]
  public let features: [FeatureSpec]
  /// Whether the spec has features at all: episodes of images have none.
  public var hasFeatures = true
  public let section: SectionReader

  public func report(_ message: String, _ key: (any AnySpecKey)? = nil) {
    if let key { section.report(message, key) } else { section.node.report(message) }
  }

  /// Reports the names in a list of tasks, or in a map from tasks to lists of them, that no task has.
  func checkTaskNames(_ key: any AnySpecKey) {
    let names = tasks.map(\.name)
    func check(_ name: String, _ node: SpecNode, at location: SpecLocation) {
      guard !names.contains(name) else { return }
      node.diagnostics.report(
        "no task is named \(quoted(name)); \(suggestion(for: name, among: names))", at: location,
        path: node.path)
    }
    func checkList(_ node: SpecNode) {
      let _: [Bool]? = node.list { element in
        if case .string(let name) = element.value.content {
          check(name, element, at: element.value.location)
        }
        return true
      }
    }
    guard let node = section.child(key) else { return }
    guard let members = node.value.members else { return checkList(node) }
    for member in members {
      let list = SpecNode(
        member.value, path: SectionReader.join(node.path, member.key), node.diagnostics)
      check(member.key, list, at: member.keyLocation)
      checkList(list)
    }
  }
}

/// What a model needs to know besides its own keys.
public struct ModelContext: Sendable {
  public var tasks: [TaskSpec]
  /// λ of the penalty on the kernels of dense layers.
  public var l2 = 0.0
}

/// What a model computes.
public struct ModelHeads<Tensor> {
  /// One per task, in the order of the spec.
  public var outputs: [TaskHead<Tensor>]
  /// Terms of the total loss besides the tasks' own, f32[] each, by name.
  public var penalties: [(name: String, value: Tensor)] = []
  /// Further predictions, f32[B, 1], by name; `conditionalOutputs` announces them.
  public var extras: [(name: String, value: Tensor)] = []

  public init(_ outputs: [TaskHead<Tensor>]) { self.outputs = outputs }

  /// Heads that are all logits or values.
  public init(_ outputs: [Tensor]) { self.outputs = outputs.map { .logit($0) } }
}

/// A further prediction of a model: the probability of a task given that another one happened.
public struct ConditionalOutput: Sendable, Hashable {
  /// `<task>_given_<condition>`.
  public var name: String
  /// The task whose label it predicts.
  public var task: String
  /// The binary task whose label must be 1 for a row to count in its metrics.
  public var condition: String

  public init(task: String, condition: String) {
    name = "\(task)_given_\(condition)"
    self.task = task
    self.condition = condition
  }
}

/// The model of a spec.
public struct ModelSpec: Sendable {
  public var type: String
  public var definition: any ModelDefinition
}

/// Keys that several models share.
public enum ModelKeys {
  public static let activation = SpecKey.choice(
    "activation", default: Activation.relu, "The activation of hidden layers.")
  public static let dropout = SpecKey.number(
    "dropout", default: 0, .share, "The share of hidden units that training drops at random.")
  public static let towerHiddenUnits = SpecKey.units(
    "tower_hidden_units", default: [32], "The hidden layers of each task's tower.")

  public static let batchNorm = SpecKey.boolean(
    "batch_norm", default: false,
    "Normalizes each hidden unit by its mean and variance over the batch before the activation, and"
      + " by running ones when predicting (Ioffe and Szegedy, ICML 2015).")
  public static let batchNormMomentum = SpecKey.number(
    "batch_norm_momentum", default: 0.9, .share,
    "The share of the running mean and variance that a step leaves as it is.")

  public static let batchNormEpsilon = SpecKey.number(
    "batch_norm_epsilon", default: 1e-3, .positive, "Added to the variance.")

  /// The keys of `LayerStyle`.
  static let style: [any AnySpecKey] = [
    activation, dropout, batchNorm, batchNormMomentum, batchNormEpsilon,
  ]
}

extension SectionReader {
  /// The style that the shared keys ask for.
  var style: LayerStyle {
    let keys: [any AnySpecKey] = [ModelKeys.batchNormMomentum, ModelKeys.batchNormEpsilon]
    for key in keys where isSet(key) && !self[ModelKeys.batchNorm] {
      report("goes only with \"batch_norm\"", key)
    }
    let norm = BatchNormalization(
      momentum: self[ModelKeys.batchNormMomentum], epsilon: self[ModelKeys.batchNormEpsilon])
    return LayerStyle(
      activation: self[ModelKeys.activation], dropout: self[ModelKeys.dropout],
      batchNorm: self[ModelKeys.batchNorm] ? norm : nil)
  }
}

extension LayerStyle {
  func with(l2: Double) -> LayerStyle {
    var style = self
    style.l2 = l2
    return style
  }
}
