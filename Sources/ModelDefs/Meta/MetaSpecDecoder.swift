import Schema

/// Reads the sections of a `MetaSpec`. What is wrong is reported; the answer is nil then.
enum MetaSpecDecoder {
  static func images(_ spec: SectionReader, folder: String) -> MetaSpec.Source? {
    guard let data = spec.child(MetaKeys.data).flatMap({ SectionReader($0, MetaKeys.imageData) }),
      let model = spec.child(SpecKeys.model).flatMap({ SectionReader($0, MetaKeys.imageModel) })
    else { return nil }
    let files = ImageEpisodeFiles(
      train: paths(data, MetaKeys.train, folder), test: paths(data, MetaKeys.test, folder),
      rotations: data[MetaKeys.rotations], generate: data[MetaKeys.generate])
    if data.isSet(MetaKeys.train), files.train.isEmpty {
      data.report("names no file", MetaKeys.train)
    }
    if files.generate != .none, files.train.count != 1 || files.test.count != 1 {
      data.report("needs one file each in \"train\" and \"test\"", MetaKeys.generate)
    }
    let network = BaseNetwork(
      kind: model[MetaKeys.network], channels: model[MetaKeys.channels],
      hiddenUnits: model[MetaKeys.hiddenUnits])
    if network.kind == .conv4, model.isSet(MetaKeys.hiddenUnits) {
      model.report("goes only with the network \"mlp\"", MetaKeys.hiddenUnits)
    }
    if network.kind == .mlp, model.isSet(MetaKeys.channels) {
      model.report("goes only with the network \"conv4\"", MetaKeys.channels)
    }
    return .images(
      ImageEpisodeModel(
        network: network, inner: inner(model), ways: model[MetaKeys.ways],
        shots: model[MetaKeys.shots], queries: model[MetaKeys.queries]), files)
  }

  static func inner(_ model: SectionReader) -> InnerLoop {
    let steps = model[MetaKeys.innerSteps]
    return InnerLoop(
      steps: steps, evaluationSteps: model[MetaKeys.innerStepsEval] ?? steps,
      learningRate: model[MetaKeys.innerLearningRate], order: model[MetaKeys.order])
  }

  static func training(_ spec: SectionReader) -> MetaTraining? {
    let empty = SpecNode(
      SpecValue(.object([]), at: spec.node.value.location), path: "training",
      spec.node.diagnostics)
    guard
      let section = SectionReader(spec.child(SpecKeys.training) ?? empty, MetaKeys.training)
    else { return nil }
    return MetaTraining(
      steps: section[MetaKeys.metaSteps], batchSize: section[MetaKeys.metaBatchSize],
      evaluationEpisodes: section[MetaKeys.evalEpisodes],
      evaluationInterval: section[MetaKeys.evalEvery], seed: UInt64(section[TrainingKeys.seed]),
      optimizer: TrainingDecoder.optimizer(section))
  }

  /// File names: in the file relative to the spec's folder, in an override to the working
  /// directory.
  private static func paths(
    _ section: SectionReader, _ key: SpecKey<[String]>, _ folder: String
  ) -> [String] {
    var folder = folder
    if let child = section.child(key), case .override = child.value.location { folder = "" }
    return section[key].map { TextFile.resolve($0, in: folder) }
  }
}
