import Schema

/// Reads `data`.
struct DataDecoder {
  private(set) var files = DataFiles()
  private(set) var format = TableFormat()
  private(set) var sampleWeight: String?
  private(set) var groupBy: String?
  private(set) var validationColumn: ValidationColumn?
  private(set) var joins: [TableJoin] = []
  /// The section, for findings about it; nil when there is none.
  let section: SectionReader?

  init(_ spec: SectionReader, folder: String, _ material: Material) {
    section = spec.child(SpecKeys.data).flatMap { SectionReader($0, DataKeys.section) }
    guard let section else { return }
    files = DataFiles(
      train: Self.paths(section, DataKeys.train, folder),
      validation: Self.paths(section, DataKeys.validation, folder),
      validationFraction: section[DataKeys.validationFraction],
      test: Self.paths(section, DataKeys.test, folder),
      generate: section[DataKeys.generate],
      cache: section[DataKeys.cache].map {
        TextFile.resolve($0, in: Self.base(section, DataKeys.cache, folder))
      }, stream: section[DataKeys.stream], fitRows: section[DataKeys.fitRows],
      rotations: section[DataKeys.rotations])
    Self.refuse(section, material)
    if files.generate != .none, files.generate.isOfImages != (material == .images) {
      section.report(
        files.generate.isOfImages
          ? "goes only with episodes of images" : "does not go with episodes of images",
        DataKeys.generate)
    }
    if files.stream, files.cache == nil {
      section.report("needs the folder of \"cache\"", DataKeys.stream)
    }
    if files.generate != .none, files.train.count != 1 || files.test.count != 1 {
      section.report("needs one file each in \"train\" and \"test\"", DataKeys.generate)
    }
    if section.isSet(DataKeys.train), files.train.isEmpty {
      section.report("names no file", DataKeys.train)
    }
    if files.validationFraction > 0, !files.validation.isEmpty {
      section.report("goes only without \"validation\"", DataKeys.validationFraction)
    }
    readSplit(section)
    format = DialectDecoder(section).format()
    joins = JoinDecoder(section, format, folder: folder).joins
    sampleWeight = section[DataKeys.sampleWeight]
    groupBy = section[DataKeys.groupBy]
  }

  /// Which training rows validate.
  private mutating func readSplit(_ section: SectionReader) {
    let held = section[DataKeys.validationSplit]
    let key = DataKeys.validationSplit
    files.validationSplit = held.split
    guard section.isSet(key) else { return }
    if !files.validation.isEmpty {
      section.report("goes only without \"validation\"", key)
    }
    switch held {
    case .random, .last:
      if !section.isSet(DataKeys.validationFraction) {
        section.report("goes only with \"validation_fraction\"", key)
      }
    case .column(let column):
      validationColumn = column
      section.refuse(
        [DataKeys.validationFraction], "does not go with a column in \"validation_split\"")
    }
  }

  /// Reports keys that do not apply.
  private static func refuse(_ section: SectionReader, _ material: Material) {
    switch material {
    case .rows: section.refuse([DataKeys.rotations], "goes only with episodes of images")
    case .groups:
      section.refuse([DataKeys.rotations], "goes only with episodes of images")
      section.refuse(
        DataKeys.ofBatches, "does not go with a model that learns from episodes")
    case .images:
      section.refuse(
        DataKeys.ofBatches + DataKeys.ofTables, "does not go with episodes of images")
    }
  }

  /// File names: in the file relative to the spec's folder, in an override to the working
  /// directory.
  private static func paths(
    _ section: SectionReader, _ key: SpecKey<[String]>, _ folder: String
  ) -> [String] {
    let folder = base(section, key, folder)
    return section[key].flatMap { name in
      let files = FilePattern.expand(TextFile.resolve(name, in: folder))
      if files.isEmpty { section.report("no file matches \(quoted(name))", key) }
      return files
    }
  }

  static func base(
    _ section: SectionReader, _ key: any AnySpecKey, _ folder: String
  ) -> String {
    if let child = section.child(key), case .override = child.value.location { return "" }
    return folder
  }
}
