/// How the rows of a file are written: its format, what separates fields, what names them, what counts
/// as missing.
public struct TableFormat: Sendable, Hashable {
  public var layout: Layout
  /// The field separator, or the first byte of one that has several.
  public var delimiter: UInt8
  /// Whether the first record names the columns. Otherwise `columns` does.
  public var hasHeader: Bool
  /// The column names in file order; with a header, nil takes the header's own names.
  public var columns: [String]?
  /// The quote byte around fields that hold delimiters, quotes (doubled) or line breaks; 0 where no
  /// field is quoted.
  public var quote: UInt8
  /// Spaces and tabs at both ends of an unquoted field are dropped.
  public var trimsSpaces: Bool
  /// Lines that start with this text are skipped.
  public var comment: String?
  /// Field texts (after trimming) that mean "no value here".
  public var missing: [String]
  /// The other bytes of the field separator.
  public var delimiterRest: [UInt8]
  /// The byte before a delimiter, quote or line break, or before itself, that makes it text; 0 where
  /// there is none.
  public var escape: UInt8
  /// How the file's characters are written.
  public var encoding: Encoding
  /// The marks in the numbers of labels and weights, and of features that do not say otherwise.
  public var numbers: NumberMarks
  /// Whether the line `sep=;` that Excel puts before a table chooses the file's delimiter; otherwise it
  /// must name that of the format.
  public var takesNamedDelimiter: Bool

  public init(
    layout: Layout = .table, delimiter: UInt8 = UInt8(ascii: ","), hasHeader: Bool = true,
    columns: [String]? = nil,
    quote: UInt8 = UInt8(ascii: "\""), trimsSpaces: Bool = true, comment: String? = nil,
    missing: [String] = [""], delimiterRest: [UInt8] = [], escape: UInt8 = 0,
    encoding: Encoding = .utf8, numbers: NumberMarks = NumberMarks(),
    takesNamedDelimiter: Bool = false
  ) {
    self.layout = layout
    self.delimiter = delimiter
    self.hasHeader = hasHeader
    self.columns = columns
    self.quote = quote
    self.trimsSpaces = trimsSpaces
    self.comment = comment
    self.missing = missing
    self.delimiterRest = delimiterRest
    self.escape = escape
    self.encoding = encoding
    self.numbers = numbers
    self.takesNamedDelimiter = takesNamedDelimiter
  }
}
