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
  /// The numbers that such texts are, for values that are numbers.
  private let missingNumbers: [Double]
  /// The column's place in the present file, −1 when it is absent.
  private(set) var index = -1

  /// Whether a file may lack the column.
  var isOptional: Bool { presence != .needed }

  init(_ name: String, purpose: String, presence: Presence = .needed, missing: [String]) {
    self.name = name
    self.purpose = purpose
    self.presence = presence
    self.missing = TextList(missing)
    missingNumbers = missing.compactMap { text in
      TokenTable.withPaddedBytes(of: text) { start, count in
        if case .finite(let number) = parseNumber(start, start + count) { number } else { nil }
      }
    }
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

  /// Finds the column among others. Throws `DataError` when it is not there but needed.
  mutating func bind(_ place: (_ name: String, _ purpose: String) throws -> Int) rethrows {
    index = isOptional ? -1 : try place(name, purpose)
  }

  /// Takes the place that another encoder of the same column found.
  mutating func bind(like other: SourceColumn) { index = other.index }

  /// Whether a row of numbers has none: NaN, or the number that a text for a missing value is.
  @inline(__always)
  func isMissing(_ values: ColumnValues, _ row: Int, _ number: Double) -> Bool {
    number.isNaN || values.isMissing?[row] ?? 0 != 0
      || !missingNumbers.isEmpty && missingNumbers.contains(number)
  }
}
