/// Reads `model`.
struct ModelDecoder {
  private(set) var model: ModelSpec?

  init(_ spec: SectionReader, _ tasks: [TaskSpec], _ features: [FeatureSpec]) {
    guard let node = spec.child(SpecKeys.model),
      let (type, section) = ModelRegistry.variants.read(node),
      let definition = ModelRegistry.model(named: type)?.init(section)
    else { return }
    definition.check(ModelScope(tasks: tasks, features: features, section: section))
    model = ModelSpec(type: type, definition: definition)
  }
}
