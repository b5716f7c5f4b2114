import Schema

/// A file format: how a file of it is read as a table. docs/add-a-file-format.md lists what a new
/// one takes.
protocol RowFormat {
  /// Opens a file (`-`: standard input). Throws `DataError`.
  static func open(_ path: String, _ request: TableRequest) throws -> TableReader
  /// Files beside `path` that hold a part of its rows.
  static func companions(of path: String) -> [String]
}

extension RowFormat {
  static func companions(of path: String) -> [String] { [] }
}

/// The file formats, the one place that lists them.
enum RowFormats {
  static func format(_ layout: TableFormat.Layout) -> any RowFormat.Type {
    switch layout {
    case .table: DelimitedText.self
    case .slots: SlotRows.self
    case .libsvm: LibsvmRows.self
    case .dense: DenseRows.self
    case .npy: NpyRows.self
    }
  }
}

/// What is asked of a file that is opened.
struct TableRequest {
  /// A column that something is made of.
  struct Column {
    var name: String
    /// What needs it, for messages: `feature "age"`.
    var purpose: String
    /// Whether a feature is made of it, and not a label, a weight or a group.
    var isFeature: Bool
    /// How the feature's items are written, where it has several.
    var sequence: SequenceLayout?
  }

  var format: TableFormat
  var columns: [Column]
  /// Columns that the file may lack, all of them together.
  var optional: Set<String>
  /// Columns whose text is needed as it is, for the output.
  var keep: [String]
  /// Where damaged records are noted; nil: the first ends the reading.
  var damage: DamageLog?
  /// Where the bytes of the file are in memory, they.
  var memory: MemorySource?

  /// The text of a file. Throws `DataError`.
  func text(_ path: String) throws -> TextSource {
    try TextSource(memory ?? FileSource(path), encoding: format.encoding)
  }

  /// A reader of the table that a source gives: without a header, with these columns and commas
  /// between them.
  func table(_ source: some ByteSource, columns: [String], optional: Set<String>? = nil) throws
    -> TableReader
  {
    let format = TableFormat(
      delimiter: UInt8(ascii: ","), hasHeader: false, columns: columns, missing: format.missing)
    return try TableReader(
      source, format: format, optional: optional ?? self.optional, damage: damage)
  }
}

/// Text whose fields have a delimiter between them.
enum DelimitedText: RowFormat {
  static func open(_ path: String, _ request: TableRequest) throws -> TableReader {
    try TableReader(
      request.text(path), format: request.format, optional: request.optional,
      damage: request.damage)
  }
}
