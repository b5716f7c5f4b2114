import GraphIR

/// A model as a spec names it.
public protocol NamedModel: Sendable {
  /// The value of `model.type`.
  static var type: String { get }
}

/// An architecture: the keys of its spec, and its forward computation from features to one head per
/// task.
package protocol ModelDefinition: NamedModel {
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
  package static var learnsFromEpisodes: Bool { false }
  package var learning: Learning { .rows }
  package var readsFeaturesApart: Bool { false }
  package func check(_ scope: ModelScope) {}
  package func funnelSteps(_ tasks: [TaskSpec]) -> [String] { [] }
  package func conditionalOutputs(_ tasks: [TaskSpec]) -> [ConditionalOutput] { [] }
}

/// What a model is asked to work with, and where to say that it cannot.
package struct ModelScope {
  package let tasks: [TaskSpec]
  package let features: [FeatureSpec]
  /// Whether the spec has features at all: episodes of images have none.
  package var hasFeatures = true
  package let section: SectionReader

  package func report(_ message: String, _ key: (any AnySpecKey)? = nil) {
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
package struct ModelContext: Sendable {
  package var tasks: [TaskSpec]
  /// Parallel to the tasks: what is known of their labels; nil for nothing.
  package var priors: [LabelPrior?]
  /// λ of the penalty on the kernels of dense layers.
  package var l2: Double
  /// The members of an ensemble, each of which has a row of the heads for each row; 1 for one model.
  package var members: Int

  /// - Parameter priors: Of the tasks; empty for none.
  package init(
    tasks: [TaskSpec], priors: [LabelPrior?] = [], l2: Double = 0, members: Int = 1
  ) {
    self.tasks = tasks
    self.priors = priors.count == tasks.count ? priors : tasks.map { _ in nil }
    self.l2 = l2
    self.members = members
  }

  /// Where the bias of a task's output starts, so that the first predictions are right on average.
  func outputStart(_ task: Int) -> Double {
    priors[task].map { tasks[task].outputStart($0) } ?? 0
  }
}

/// What a model computes.
package struct ModelHeads<Tensor> {
  /// One per task, in the order of the spec.
  package var outputs: [TaskHead<Tensor>]
  /// Terms of the total loss besides the tasks' own, f32[] each, by name.
  package var penalties: [(name: String, value: Tensor)] = []
  /// Further predictions, f32[B, 1], by name; `conditionalOutputs` announces them.
  package var extras: [(name: String, value: Tensor)] = []

  package init(_ outputs: [TaskHead<Tensor>]) { self.outputs = outputs }

  /// Heads that are all logits or values.
  package init(_ outputs: [Tensor]) { self.outputs = outputs.map { .logit($0) } }
}

/// A further prediction of a model: the probability of a task given that another one happened.
package struct ConditionalOutput: Sendable, Hashable {
  /// `<task>_given_<condition>`.
  public var name: String
  /// The task whose label it predicts.
  package var task: String
  /// The binary task whose label must be 1 for a row to count in its metrics.
  package var condition: String

  package init(task: String, condition: String) {
    name = "\(task)_given_\(condition)"
    self.task = task
    self.condition = condition
  }
}
