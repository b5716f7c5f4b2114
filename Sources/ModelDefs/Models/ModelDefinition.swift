import GraphIR

/// An architecture: the keys of its spec, and its forward computation from features to one head per
/// task.
public protocol ModelDefinition: Sendable {
  /// The value of `model.type`.
  static var type: String { get }
  /// Its keys besides `type`.
  static var section: SpecSection { get }

  init(_ section: SectionReader)

  /// Reports tasks that the model cannot have.
  func check(_ tasks: [TaskSpec], _ report: (String) -> Void)

  func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor>
}

extension ModelDefinition {
  public func check(_ tasks: [TaskSpec], _ report: (String) -> Void) {}
}

/// What a model needs to know besides its own keys.
public struct ModelContext: Sendable {
  public var tasks: [TaskSpec]
  /// λ of the penalty on the kernels of dense layers.
  public var l2: Double

  public init(tasks: [TaskSpec], l2: Double = 0) {
    self.tasks = tasks
    self.l2 = l2
  }
}

/// What a model computes.
public struct ModelHeads<Tensor> {
  /// One f32[B, 1] per task, in the order of the spec: the logit of a binary task, the value of a
  /// regression.
  public var outputs: [Tensor]

  public init(_ outputs: [Tensor]) { self.outputs = outputs }
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

  /// The keys of `LayerStyle`.
  static let style: [any AnySpecKey] = [activation, dropout]
}

extension SectionReader {
  /// The style that the shared keys ask for.
  var style: LayerStyle {
    LayerStyle(activation: self[ModelKeys.activation], dropout: self[ModelKeys.dropout])
  }
}

extension LayerStyle {
  func with(l2: Double) -> LayerStyle {
    var style = self
    style.l2 = l2
    return style
  }
}
