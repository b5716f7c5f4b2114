import Schema

/// The keys of `data`.
public enum DataKeys {
  /// The name of a file format. A table has two, which differ in the usual delimiter.
  public struct Format: RawRepresentable, CaseIterable, Hashable, Sendable {
    public static let csv = Format("csv", .table)
    public static let tsv = Format("tsv", .table, delimiter: UInt8(ascii: "\t"))
    public static let allCases: [Format] =
      [csv, tsv]
      + TableFormat.Layout.allCases.filter { $0 != .table }.map { Format($0.rawValue, $0) }

    public let rawValue: String
    let layout: TableFormat.Layout
    let delimiter: UInt8

    private init(
      _ name: String, _ layout: TableFormat.Layout, delimiter: UInt8 = UInt8(ascii: ",")
    ) {
      rawValue = name
      self.layout = layout
      self.delimiter = delimiter
    }

    public init?(rawValue: String) {
      guard let known = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
      self = known
    }
  }

  public static let train = SpecKey.strings(
    "train",
    "The files to train on, relative to the spec's folder; `*`, `?` and `[…]` stand for names as in a"
      + " shell; `-` is standard input. Episodes of images are made of `.npy` arrays [class, example,"
      + " height, width] of uint8 or f32."
  ).required()
  public static let validation = SpecKey.strings(
    "validation",
    "The files whose metrics are reported after each epoch, or every `training.eval_every` meta"
      + " steps.")
  public static let validationFraction = SpecKey.number(
    "validation_fraction", default: 0, .share,
    "The share of the training rows held back for validation, where `validation` names no files.")
  public static let validationSplit = SpecKey<HeldBackRows>.heldBackRows(
    "validation_split",
    "Which training rows are held back: with `validation_fraction`, `random` draws them by the seed and"
      + " `last` takes the last ones in the order of the files; `{ column, from }` takes the rows whose"
      + " column is at least `from`, a number or a text that is compared byte by byte, as dates.")
  public static let test = SpecKey.strings("test", "The files for the final table of metrics.")
  public static let cache = SpecKey.name(
    "cache",
    "A folder for the encoded rows, from which they are opened at once as long as the files and this"
      + " section stay as they are."
  ).optional("no cache")
  public static let stream = SpecKey.boolean(
    "stream", default: false,
    "Encodes the training rows into the folder of `cache` and reads them from there as they are"
      + " needed, for more rows than memory holds. Each epoch goes through blocks of rows in an order"
      + " of its own, and mixes the rows of many blocks.")
  public static let fitRows = SpecKey.integer(
    "fit_rows", default: 200_000, in: 1...Int(Int32.max),
    "With `stream`, how many of the first rows vocabularies and normalisers are learned from.")
  public static let generate = SpecKey.choice(
    "generate", default: GeneratedData.none,
    "Writes the files of `train` and `test` when they are missing: `ads` is mtlc's own sample, an"
      + " advertising log with the labels click and purchase; `funnel` is a bank's funnel of four"
      + " steps, click, apply, credit and activate; `regression` is the two tasks y1 and y2 of the MMoE paper,"
      + " related by 0.5; for the model type `maml`, `cold_start` is clicks of"
      + " users whose tastes show only in what they click, and `characters` random strokes drawn by"
      + " many hands. `mtlc sample` writes the first three.")
  public static let rotations = SpecKey.boolean(
    "rotations", default: true,
    "Episodes of images: turning all images of a class by 90, 180 and 270 degrees gives three more"
      + " classes to train on.")
  public static let format = SpecKey.choice(
    "format", default: Format.csv,
    TableFormat.Layout.allCases.map(\.traits.documentation).joined(separator: " "))
  public static let delimiter = SpecKey.string(
    "delimiter",
    "The text between fields, one to eight characters: `\";\"`, `\"::\"`, `\"\\u0001\"` for tables of Hive."
  ).optional("\",\", for tsv a tab, for a file that begins with a line `sep=;` what it names")
  public static let header = SpecKey.boolean(
    "header", default: true, "Whether the first record names the columns."
  ).optional("true without `columns`, false with them")
  public static let columns = SpecKey.columns(
    "columns", "The names of the columns in the order of the file.")
  public static let quote = SpecKey.string(
    "quote", default: "\"",
    "The character around fields that hold delimiters or line breaks; an empty text where fields are"
      + " never quoted. In a quoted field it is written twice.")
  public static let escape = SpecKey.string(
    "escape",
    "The character before a delimiter, quote or line break, or before itself, that makes it text, such"
      + " as `\"\\\\\"`. Before other characters it stays."
  ).optional("none")
  public static let encoding = SpecKey<TableFormat.Encoding>.encoding(
    "encoding",
    "How the characters of the files are written. Bytes that do not fit are an error.")
  public static let trimSpaces = SpecKey.boolean(
    "trim_spaces", default: true, "Drop blanks at both ends of fields that are not quoted.")
  public static let comment = SpecKey.name(
    "comment", "Lines that begin with this text are skipped."
  )
  .optional()
  public static let missing = SpecKey.strings(
    "missing", default: [""], "Texts of a field that mean that it has no value.")
  public static let decimal = SpecKey.string(
    "decimal", default: ".", "The decimal mark of numbers, one ASCII character.")
  public static let thousands = SpecKey.string(
    "thousands",
    "The mark between groups of three digits, one character; a space stands for narrow and unbreakable"
      + " ones too.")
  public static let sampleWeight = SpecKey.name(
    "sample_weight", "The column with each row's weight in the losses."
  ).optional()

  public static let groupBy = SpecKey.name(
    "group_by",
    "The column (a feature or not) that groups the rows, as by user or request: for the metric GAUC, and"
      + " for losses that compare the rows of a group."
  ).optional()

  public static let join = SpecKey.section(
    "join", type: "list of objects",
    "Tables, as of users or items, whose columns are joined to the rows by a key; for `csv` and `tsv`."
      + " Where a key is not found the columns are missing. A column that the rows have themselves is"
      + " taken from them.")

  /// How tables are written and read.
  static let ofTables: [any AnySpecKey] = [
    cache, format, encoding, delimiter, header, columns, quote, escape, trimSpaces, comment,
    missing, decimal, thousands, join,
  ]
  /// Which rows batches are made of, and how they count.
  static let ofBatches: [any AnySpecKey] = [
    validationFraction, validationSplit, stream, fitRows, sampleWeight, groupBy,
  ]

  static let section = SpecSection(
    "data", "The files and how they are written.",
    keys: [train, validation, test, generate, rotations] + ofTables + ofBatches)
}
