import Schema

/// Reads how a table is written.
struct DialectDecoder {
  private let section: SectionReader

  init(_ section: SectionReader) { self.section = section }

  func format() -> TableFormat {
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
    if !isTable {
      section.refuse([DataKeys.escape], "does not go with the format \"\(layout)\"")
    }
    if layout == .npy {
      section.refuse([DataKeys.encoding], "does not go with the format \"npy\"")
    }
    let delimiter = section[DataKeys.delimiter].flatMap(delimiter) ?? [named.delimiter]
    if !isTable, delimiter.count > 1 {
      section.report(
        "must be one character for the format \"\(layout)\"", DataKeys.delimiter)
    }
    let format = TableFormat(
      layout: layout, delimiter: delimiter[0],
      hasHeader: section[DataKeys.header] ?? columns.isEmpty,
      columns: columns.isEmpty ? nil : columns, quote: quote(),
      trimsSpaces: section[DataKeys.trimSpaces],
      comment: section[DataKeys.comment],
      missing: section[DataKeys.missing], delimiterRest: Array(delimiter.dropFirst()),
      escape: section[DataKeys.escape].flatMap {
        Self.character($0, section, DataKeys.escape)
      } ?? 0, encoding: section[DataKeys.encoding],
      numbers: Self.marks(section, DataKeys.decimal, DataKeys.thousands),
      takesNamedDelimiter: isTable && !section.isSet(DataKeys.delimiter) && named != .tsv)
    if !format.hasHeader, columns.isEmpty, isTable {
      section.report(
        "is false, so \"columns\" must name the columns of the file", DataKeys.header)
    }
    requireDifferent(format)
    return format
  }

  /// How a joined table is written: like the rows where it does not say otherwise.
  func format(of named: JoinKeys.Format?, like rows: TableFormat) -> TableFormat {
    let columns = section[DataKeys.columns]
    var format = rows
    format.columns = columns.isEmpty ? nil : columns
    format.hasHeader = section[DataKeys.header] ?? columns.isEmpty
    let usual: [UInt8]? =
      switch named {
      case .csv: [UInt8(ascii: ",")]
      case .tsv: [UInt8(ascii: "\t")]
      case nil: nil
      }
    if let bytes = section[DataKeys.delimiter].flatMap(delimiter) ?? usual {
      (format.delimiter, format.delimiterRest) = (bytes[0], Array(bytes.dropFirst()))
      format.takesNamedDelimiter = !section.isSet(DataKeys.delimiter) && named == .csv
    }
    if section.isSet(DataKeys.quote) { format.quote = quote() }
    if let text = section[DataKeys.escape] {
      format.escape = text.isEmpty ? 0 : Self.character(text, section, DataKeys.escape) ?? 0
    }
    if section.isSet(DataKeys.encoding) { format.encoding = section[DataKeys.encoding] }
    if section.isSet(DataKeys.trimSpaces) { format.trimsSpaces = section[DataKeys.trimSpaces] }
    if let comment = section[DataKeys.comment] { format.comment = comment }
    if !format.hasHeader, columns.isEmpty {
      section.report(
        "is false, so \"columns\" must name the columns of the file", DataKeys.header)
    }
    requireDifferent(format)
    return format
  }

  /// The bytes between fields: one or several, none of them a line break.
  private func delimiter(_ text: String) -> [UInt8]? {
    let bytes = Array(text.utf8)
    let isPlain = bytes.count > 1 || bytes.allSatisfy { $0 < 0x80 }
    if 1...8 ~= bytes.count, isPlain, !bytes.contains(where: { [0, 10, 13].contains($0) }) {
      return bytes
    }
    section.report(
      "must be one to eight characters without line breaks, found \(quoted(text))",
      DataKeys.delimiter)
    return nil
  }

  /// 0 where the spec says that no field is quoted.
  private func quote() -> UInt8 {
    let text = section[DataKeys.quote]
    if text.isEmpty { return 0 }
    return Self.character(text, section, DataKeys.quote) ?? UInt8(ascii: "\"")
  }

  /// What ends a field, quotes it and escapes in it must not be one character.
  private func requireDifferent(_ format: TableFormat) {
    let delimiter = [format.delimiter] + format.delimiterRest
    if format.quote != 0, delimiter.contains(format.quote) {
      section.report(
        delimiter.count == 1
          ? "is the same character as \"quote\"" : "holds the character of \"quote\"",
        DataKeys.delimiter)
    }
    guard format.escape != 0 else { return }
    if format.escape == format.quote {
      section.report(
        "is the same character as \"quote\"; a doubled quote is read as one quote without it",
        DataKeys.escape)
    } else if delimiter.contains(format.escape) {
      section.report("is a character of \"delimiter\"", DataKeys.escape)
    }
  }

  /// The marks in numbers.
  private static func marks(
    _ section: SectionReader, _ decimal: SpecKey<String>, _ thousands: SpecKey<String>
  ) -> NumberMarks {
    marks(
      section, (decimal, section[decimal]), (thousands, section[thousands]), NumberMarks())
  }

  /// The marks in numbers.
  /// - Parameter known: those that hold where a text is nil.
  static func marks(
    _ section: SectionReader, _ decimal: (key: any AnySpecKey, text: String?),
    _ thousands: (key: any AnySpecKey, text: String?), _ known: NumberMarks
  ) -> NumberMarks {
    var marks = known
    func isDigit(_ text: String) -> Bool { text.contains { $0.isNumber || "+-eE".contains($0) } }
    if let text = decimal.text, let byte = character(text, section, decimal.key) {
      marks.decimal = byte
      if isDigit(text) { section.report("cannot be part of a number itself", decimal.key) }
    }
    if let text = thousands.text {
      marks.thousands = text
      if text.count > 1 || isDigit(text) {
        section.report(
          "must be one character that no number has otherwise, found \(quoted(text))", thousands.key
        )
      }
    }
    // Marks that are all known were found to clash where they were declared.
    let isOwn = decimal.text != nil || thousands.text != nil
    if isOwn, marks.thousands.utf8.elementsEqual([marks.decimal]) {
      let key = section.isSet(thousands.key) ? thousands.key : decimal.key
      section.report("is the same character for the decimal mark and for thousands", key)
    }
    return marks
  }

  /// The byte of a text of one ASCII character.
  static func character(
    _ text: String, _ section: SectionReader, _ key: any AnySpecKey
  ) -> UInt8? {
    let bytes = Array(text.utf8)
    if bytes.count == 1, bytes[0] < 0x80, ![0, 10, 13].contains(bytes[0]) { return bytes[0] }
    section.report("must be one ASCII character, found \(quoted(text))", key)
    return nil
  }
}
