/// Reads `model`.
struct ModelDecoder {
  private(set) var model: ModelSpec?

  init(_ spec: SectionReader, _ tasks: [TaskSpec], _ features: [FeatureSpec]) {
    guard let node = spec.child(SpecKeys.model), let (model, section) = Self.read(node) else {
      return
    }
    model.definition.check(
      ModelScope(
        tasks: tasks, features: features, hasFeatures: spec.isSet(SpecKeys.features),
        section: section))
    self.model = model
  }

  /// A model and the section that holds its keys; nil when its type could not be made out (and was
  /// reported).
  static func read(_ node: SpecNode) -> (model: ModelSpec, section: SectionReader)? {
    guard let (type, section) = ModelRegistry.variants.read(node),
      let definition = ModelRegistry.model(named: type)?.init(section)
    else { return nil }
    return (ModelSpec(type: type, definition: definition), section)
  }
}
