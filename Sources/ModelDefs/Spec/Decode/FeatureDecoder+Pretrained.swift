// Tables that begin with a file of vectors.

extension FeatureDecoder {
  func pretrained(
    _ section: SectionReader, _ input: FeatureSpec.Input
  ) -> PretrainedVectors? {
    let key = FeatureKeys.pretrained
    guard section.takes(key), let node = section.child(key),
      let keys = SectionReader(node, PretrainedKeys.section)
    else { return nil }
    guard input.tableParameter != nil else {
      section.report("does not go with the encoding \"one_hot\"", key)
      return nil
    }
    func path(_ name: String, _ key: any AnySpecKey) -> String {
      let path = TextFile.resolve(name, in: DataDecoder.base(keys, key, folder))
      if path == "-" { keys.report("must be a file, not standard input", key) }
      return path
    }
    return PretrainedVectors(
      path: path(keys[PretrainedKeys.file], PretrainedKeys.file),
      tensor: keys[PretrainedKeys.tensor],
      keys: keys[PretrainedKeys.keys].map { path($0, PretrainedKeys.keys) },
      isTrainable: keys[PretrainedKeys.trainable])
  }

  /// Gives what one of the features of a table declares to all of them; reports two that differ.
  mutating func sharePretrained() {
    var declared: [String: PretrainedVectors] = [:]
    for (feature, section) in zip(features, sections) {
      guard let table = feature.input.tableParameter, let vectors = feature.pretrained else {
        continue
      }
      if let other = declared[table], other != vectors {
        section.report(
          "the features of the shared table begin with different files", FeatureKeys.pretrained)
      }
      declared[table] = vectors
    }
    for k in features.indices {
      features[k].pretrained = features[k].input.tableParameter.flatMap { declared[$0] }
    }
  }
}
