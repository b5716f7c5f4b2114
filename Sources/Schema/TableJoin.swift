/// A table whose columns are joined to the rows by a key, such as what is known of users or of items.
public struct TableJoin: Sendable, Hashable {
  /// Its file, as an absolute path.
  public var file: String
  /// The column of the table that names its rows; no two may have the same text there.
  public var key: String
  /// The column of the rows that holds the key.
  public var column: String
  /// How the file is written.
  public var format: TableFormat

  public init(file: String, key: String, column: String, format: TableFormat) {
    self.file = file
    self.key = key
    self.column = column
    self.format = format
  }

  /// The file without its folder, for messages.
  package var fileName: String { file.split(separator: "/").last.map(String.init) ?? file }
}
