/// How a text table is written: what separates fields, what names them, what counts as missing.
public struct TableFormat: Sendable, Hashable {
  public enum Layout: String, Sendable, Hashable, CaseIterable {
    /// The same fields in every record.
    case table
    /// Leading fields that `columns` names, then items `slot:id` in any number and order; each slot is
    /// a column by its name. There is no header.
    case slots
    /// A label or several with commas between them, then items `index:value`, and there is no header.
    /// `columns` names the labels; each index is a column by its number, `pairs` all items, `qid` the
    /// query.
    case libsvm
    /// Numbers with spaces, tabs or commas between them, without a header.
    case dense
    /// A two-dimensional NumPy array, whose columns `columns` names.
    case npy
  }

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
