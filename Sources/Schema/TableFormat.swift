/// How the rows of a file are written: its format, what separates fields, what names them, what counts
/// as missing.
public struct TableFormat: Sendable, Hashable {
  public var layout: Layout
  /// The field separator, one ASCII byte.
  public var delimiter: UInt8
  /// Whether the first record names the columns. Otherwise `columns` does.
  public var hasHeader: Bool
  /// The column names in file order; with a header, nil takes the header's own names.
  public var columns: [String]?
  /// The quote byte around fields that hold delimiters, quotes (doubled) or line breaks.
  public var quote: UInt8
  /// Spaces and tabs at both ends of an unquoted field are dropped.
  public var trimsSpaces: Bool
  /// Lines that start with this text are skipped.
  public var comment: String?
  /// Field texts (after trimming) that mean "no value here".
  public var missing: [String]

  public init(
    layout: Layout = .table, delimiter: UInt8 = UInt8(ascii: ","), hasHeader: Bool = true,
    columns: [String]? = nil,
    quote: UInt8 = UInt8(ascii: "\""), trimsSpaces: Bool = true, comment: String? = nil,
    missing: [String] = [""]
  ) {
    self.layout = layout
    self.delimiter = delimiter
    self.hasHeader = hasHeader
    self.columns = columns
    self.quote = quote
    self.trimsSpaces = trimsSpaces
    self.comment = comment
    self.missing = missing
  }
}
