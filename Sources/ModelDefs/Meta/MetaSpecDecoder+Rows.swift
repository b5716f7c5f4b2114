import Schema

extension MetaSpecDecoder {
  static func rows(_ spec: SectionReader, folder: String) -> MetaSpec.Source? {
    let data = DataDecoder(spec, folder: folder)
    let tasks = TaskDecoder(spec)
    let features = FeatureDecoder(spec, folder: folder)
    ColumnChecks(data: data, features: features, tasks: tasks).run()
    guard
      let section = spec.child(SpecKeys.model).flatMap({ SectionReader($0, MetaKeys.rowModel) }),
      let node = section.child(MetaKeys.base),
      let (type, reader) = ModelRegistry.variants.read(node),
      let definition = ModelRegistry.model(named: type)?.init(reader)
    else { return nil }
    definition.check(
      ModelScope(tasks: tasks.tasks, features: features.features, section: reader))
    if !definition.conditionalOutputs(tasks.tasks).isEmpty {
      node.report("a model with conditional outputs cannot be adapted")
    }
    if tasks.tasks.contains(where: \.isMulticlass) {
      node.report("a task of several classes cannot be adapted to")
    }
    if data.sampleWeight != nil {
      spec.node.report("\"data.sample_weight\" does not go with the model type \"maml\"")
    }
    let group = section[MetaKeys.group]
    let declaration = FeatureDeclaration(
      name: RowEpisodeFiles.groupFeature, column: group,
      kind: .id(.hash(buckets: RowEpisodeFiles.groupBuckets)))
    return .rows(
      RowEpisodeModel(
        base: ModelSpec(type: type, definition: definition), features: features.features,
        tasks: tasks.tasks, inner: inner(section), group: group,
        supportRows: section[MetaKeys.supportRows], queryRows: section[MetaKeys.queryRows],
        adapts: section[MetaKeys.adapt]),
      RowEpisodeFiles(
        files: data.files,
        declaration: DataDeclaration(
          format: data.format, features: features.declarations + [declaration],
          labels: tasks.labels)))
  }
}
