import Schema

/// Reads `data`.
struct DataDecoder {
  private(set) var files = DataFiles()
  private(set) var format = TableFormat()
  private(set) var sampleWeight: String?
  private(set) var groupBy: String?
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
    if files.stream, files.validationFraction > 0 {
      section.report(
        "does not go with \"stream\"; name files in \"validation\"", DataKeys.validationFraction)
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
    readFormat(section)
    sampleWeight = section[DataKeys.sampleWeight]
    groupBy = section[DataKeys.groupBy]
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

  private mutating func readFormat(_ section: SectionReader) {
    let columns = section[DataKeys.columns]
    let named = section[DataKeys.format]
    let (layout, traits) = (named.layout, named.layout.traits)
    let isTable = layout == .table
    if let needed = traits.columns, columns.isEmpty {
      section.report("\"\(layout)\" needs \"columns\", \(needed)", DataKeys.format)
    }
    if !isTable, section[DataKeys.header] == true {
      section.report("does not go with the format \"\(layout)\"", DataKeys.header)
    }
    if !traits.takesDelimiter {
      section.refuse([DataKeys.delimiter], "does not go with the format \"\(layout)\"")
    }
    format = TableFormat(
      layout: layout,
      delimiter: section[DataKeys.delimiter].flatMap {
        Self.character($0, section, DataKeys.delimiter)
      } ?? named.delimiter,
      hasHeader: section[DataKeys.header] ?? columns.isEmpty,
      columns: columns.isEmpty ? nil : columns,
      quote: Self.character(section[DataKeys.quote], section, DataKeys.quote)
        ?? UInt8(ascii: "\""),
      trimsSpaces: section[DataKeys.trimSpaces],
      comment: section[DataKeys.comment],
      missing: section[DataKeys.missing])
    if !format.hasHeader, columns.isEmpty, isTable {
      section.report(
        "is false, so \"columns\" must name the columns of the file", DataKeys.header)
    }
    if format.delimiter == format.quote {
      section.report("is the same character as \"quote\"", DataKeys.delimiter)
    }
  }

  /// The byte of a text of one ASCII character.
  static func character(
    _ text: String, _ section: SectionReader, _ key: any AnySpecKey
  ) -> UInt8? {
    let bytes = Array(text.utf8)
    if bytes.count == 1, bytes[0] < 0x80, bytes[0] != 0x0A, bytes[0] != 0x0D { return bytes[0] }
    let several =
      key.name == DataKeys.delimiter.name && bytes.count > 1 && !bytes.contains(where: { $0 < 32 })
      ? "; make the file's delimiter one character: sed 's/\(text)/\\t/g'" : ""
    section.report("must be one ASCII character, found \(quoted(text))\(several)", key)
    return nil
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

  private static func base(
    _ section: SectionReader, _ key: any AnySpecKey, _ folder: String
  ) -> String {
    if let child = section.child(key), case .override = child.value.location { return "" }
    return folder
  }
}
