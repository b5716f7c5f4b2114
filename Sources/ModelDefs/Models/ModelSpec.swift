import GraphIR

/// The model of a spec.
public struct ModelSpec: Sendable {
  public var type: String
  package var definition: any ModelDefinition
  /// What crosses the features before the model reads them.
  package var interaction: Interaction?
  /// The members that the model has; nil for one model.
  package var ensemble: Ensemble?

  /// A model and the section that holds its keys; nil when its type could not be made out (and was
  /// reported).
  static func read(_ node: SpecNode) -> (model: ModelSpec, section: SectionReader)? {
    guard let (type, section) = ModelRegistry.variants.read(node),
      let definition = ModelRegistry.model(named: type)?.init(section)
    else { return nil }
    let interaction = section.child(ModelKeys.interaction).flatMap(InteractionKeys.read)
    let ensemble = section.child(ModelKeys.ensemble).flatMap(Ensemble.read)
    return (
      ModelSpec(
        type: type, definition: definition, interaction: interaction, ensemble: ensemble), section
    )
  }

  /// The model's heads for the features of a step; of an ensemble for each member of each row.
  func forward<E: Emitter>(
    _ features: EncodedFeatures<E.Tensor>, _ context: ModelContext, on e: E
  ) throws -> ModelHeads<E.Tensor> {
    let crossed = try interaction?.apply(to: features, l2: context.l2, on: e) ?? features
    guard let ensemble else { return try definition.forward(crossed, context, on: e) }
    return try definition.forward(
      crossed, context, on: EnsembleEmitter(e, members: ensemble.members))
  }

  /// Reports what the model and its interaction cannot have.
  func check(_ scope: ModelScope) {
    if let interaction, let node = scope.section.child(ModelKeys.interaction) {
      if Swift.type(of: definition).learnsFromEpisodes {
        node.report("goes into \(quoted(MAML.base.name)), before the model that is adapted")
      } else {
        interaction.check(
          scope.features, isReadApart: definition.readsFeaturesApart, node)
      }
    }
    if let ensemble, let node = scope.section.child(ModelKeys.ensemble) {
      ensemble.check(
        scope, learnsFromEpisodes: Swift.type(of: definition).learnsFromEpisodes, node)
    }
    definition.check(scope)
  }
}
