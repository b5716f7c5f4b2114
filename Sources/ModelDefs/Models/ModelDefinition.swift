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

  /// Whether the model tells the features apart, and does not only read them side by side.
  var readsFeaturesApart: Bool { get }

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
  public var readsFeaturesApart: Bool { false }
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
  /// Parallel to the tasks: what is known of their labels; nil for nothing.
  public var priors: [LabelPrior?]
  /// λ of the penalty on the kernels of dense layers.
  public var l2: Double

  /// - Parameter priors: Of the tasks; empty for none.
  public init(tasks: [TaskSpec], priors: [LabelPrior?] = [], l2: Double = 0) {
    self.tasks = tasks
    self.priors = priors.count == tasks.count ? priors : tasks.map { _ in nil }
    self.l2 = l2
  }

  /// Where the bias of a task's output starts, so that the first predictions are right on average.
  func outputStart(_ task: Int) -> Double {
    priors[task].map { tasks[task].outputStart($0) } ?? 0
  }
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
