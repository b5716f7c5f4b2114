/// The column of the table that an encoder reads.
struct SourceColumn {
  /// Whether a file must have the column.
  enum Presence {
    case needed
    /// It is read where it is there.
    case ifThere
    /// It is not looked at, and counts as absent.
    case ignored
  }

  /// The column's name in the table.
  let name: String
  /// What needs it, for messages: `feature "age"`.
  let purpose: String
  let presence: Presence
  /// The texts that mean that a cell has no value.
  let missing: TextList
  /// The column's place in the present file, −1 when it is absent.
  private(set) var index = -1

  /// Whether a file may lack the column.
  var isOptional: Bool { presence != .needed }

  init(_ name: String, purpose: String, presence: Presence = .needed, missing: [String]) {
    self.name = name
    self.purpose = purpose
    self.presence = presence
    self.missing = TextList(missing)
  }

  init(_ name: String, purpose: String, isOptional: Bool, missing: [String]) {
    self.init(name, purpose: purpose, presence: isOptional ? .ignored : .needed, missing: missing)
  }

  /// Finds the column in a file. Throws `DataError` when it is not there but needed.
  mutating func bind(to reader: TableReader) throws {
    switch presence {
    case .needed: index = try reader.column(name, for: purpose)
    case .ifThere:
      index = reader.names.contains(name) ? try reader.column(name, for: purpose) : -1
    case .ignored: index = -1
    }
  }

  /// Takes the place that another encoder of the same column found.
  mutating func bind(like other: SourceColumn) { index = other.index }
}
