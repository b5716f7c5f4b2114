/// What a spec learns from. It decides which of the spec's keys apply.
enum Material {
  /// Batches of rows.
  case rows
  /// Episodes that are groups of rows.
  case groups
  /// Episodes of images.
  case images

  init(_ spec: SectionReader) {
    let model = spec.child(SpecKeys.model)?.value
    guard case .string(let type)? = model?.member("type")?.value.content,
      ModelRegistry.model(named: type)?.learnsFromEpisodes == true
    else {
      self = .rows
      return
    }
    self = spec.isSet(SpecKeys.features) ? .groups : .images
  }
}
