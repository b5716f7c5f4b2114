import Schema

/// The keys of an entry of `data.join`.
public enum JoinKeys {
  /// The formats that a joined table can have.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    case csv, tsv
  }

  public static let file = SpecKey.name(
    "file", "The file of the table, relative to the spec's folder."
  ).required()
  public static let key = SpecKey.name(
    "key", "The column of the table whose texts name its rows, each once."
  ).required()
  public static let column = SpecKey.name(
    "column", "The column of the rows that holds the key."
  ).optional("the name in `key`")
  public static let format = SpecKey.choice(
    "format", default: Format.csv, "`tsv` has tabs between fields."
  ).optional("that of `data`")

  /// How the table is written, each as in `data` where it is not given.
  static let dialect: [any AnySpecKey] = [
    DataKeys.encoding, DataKeys.delimiter, DataKeys.quote, DataKeys.escape, DataKeys.trimSpaces,
    DataKeys.comment,
  ]

  static let section = SpecSection(
    "data.join[]",
    "A table whose columns are joined to the rows by a key. `encoding`, `delimiter`, `quote`, `escape`,"
      + " `trim_spaces` and `comment` are those of `data` where they are not given.",
    keys: [file, key, column, format, DataKeys.header, DataKeys.columns] + dialect)
}
