extension TableFormat {
  /// A file format: what a file is made of and how it becomes a table of rows and columns.
  /// docs/add-a-file-format.md lists what a new one takes.
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
}

extension TableFormat.Layout {
  /// What a spec's `data` section can say about files of a format.
  package struct Traits {
    /// What a line or row is, for `mtlc help spec data`.
    package var documentation: String
    /// What `columns` must name; nil where it may be absent.
    package var columns: String?
    /// Whether a delimiter can be chosen.
    package var takesDelimiter = false
    /// Whether there are columns beyond those that `columns` names.
    package var hasOtherColumns = false
    /// A column beyond those that `columns` names that can group the rows.
    package var groupColumn: String?
  }

  package var traits: Traits {
    switch self {
    case .table:
      Traits(
        documentation: "`tsv` is `csv` with tabs for commas.", takesDelimiter: true)
    case .slots:
      Traits(
        documentation: "In `slots`, a line begins with the fields that `columns` names, and items"
          + " `slot:id` follow; each slot is a column by its name.",
        columns: "the fields before the slots", takesDelimiter: true, hasOtherColumns: true)
    case .libsvm:
      Traits(
        documentation: "In `libsvm`, a line begins with the labels that `columns` names, and items"
          + " `index:value` follow; each index is a column by its number, `pairs` a sequence of"
          + " all, `qid` the query.",
        columns: "the labels", hasOtherColumns: true, groupColumn: "qid")
    case .dense:
      Traits(
        documentation: "`dense` is numbers with spaces, tabs or commas between them; `columns`"
          + " names their columns.", columns: "the columns in their order")
    case .npy:
      Traits(
        documentation: "`npy` is a two-dimensional NumPy array; `columns` names its columns.",
        columns: "the columns in their order")
    }
  }

  /// The number of the format in files that hold a schema. It must never change.
  package var code: UInt8 {
    switch self {
    case .table: 0
    case .slots: 1
    case .libsvm: 2
    case .dense: 3
    case .npy: 4
    }
  }
}
