/// Reads `model`.
struct ModelDecoder {
  private(set) var model: ModelSpec?

  init(_ spec: SectionReader, _ tasks: [TaskSpec], _ features: [FeatureSpec]) {
    guard let node = spec.child(SpecKeys.model), let (model, section) = ModelSpec.read(node) else {
      return
    }
    model.check(
      ModelScope(
        tasks: tasks, features: features, hasFeatures: spec.isSet(SpecKeys.features),
        section: section))
    self.model = model
  }
}
