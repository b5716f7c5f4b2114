/// The values of a column for some rows, in memory that belongs to the caller and is only read.
public struct ColumnValues {
  public enum Values {
    /// No row has a value.
    case missing
    /// NaN is no value.
    case numbers(UnsafePointer<Double>)
    case integers(UnsafePointer<Int64>)
    /// UTF-8; nil is no value. Without lengths each text ends with a zero byte.
    case texts(UnsafePointer<UnsafePointer<CChar>?>, lengths: UnsafePointer<Int>?)
  }

  /// The runs of values that belong to one row each.
  public struct Lists {
    /// The list of row r is values `offsets[r]..<offsets[r + 1]`.
    public var offsets: UnsafePointer<Int>
    /// A weight for each value; nil where they have none.
    public var weights: UnsafePointer<Double>?

    public init(offsets: UnsafePointer<Int>, weights: UnsafePointer<Double>?) {
      self.offsets = offsets
      self.weights = weights
    }
  }

  /// Which column it is: its place in `ValueEncoder.columns`.
  public var column: Int
  public var values: Values
  /// How many values there are; the number of rows where a row has one.
  public var count: Int
  /// A byte for each row, 0 where it has a value; nil where all have one.
  public var isMissing: UnsafePointer<UInt8>?
  /// Where a row has a list of values.
  public var lists: Lists?

  public init(
    column: Int, values: Values, count: Int, isMissing: UnsafePointer<UInt8>? = nil,
    lists: Lists? = nil
  ) {
    self.column = column
    self.values = values
    self.count = count
    self.isMissing = isMissing
    self.lists = lists
  }

  /// Which kinds of values a column can have.
  public struct Kinds: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let numbers = Kinds(rawValue: 1)
    public static let integers = Kinds(rawValue: 2)
    public static let texts = Kinds(rawValue: 4)
  }

  /// The kinds of values that a column can have: of one value a row, and of lists.
  public struct Accepted: Sendable, Hashable {
    public var cells: Kinds = [.integers, .texts]
    public var lists: Kinds = []
  }

  /// The same for the rows from `row` on. The values of lists stay where they are.
  func dropping(_ row: Int) -> ColumnValues {
    var rest = self
    rest.isMissing = isMissing.map { $0 + row }
    if let lists {
      rest.lists = Lists(offsets: lists.offsets + row, weights: lists.weights)
      return rest
    }
    switch values {
    case .missing: break
    case .numbers(let numbers): rest.values = .numbers(numbers + row)
    case .integers(let integers): rest.values = .integers(integers + row)
    case .texts(let texts, let lengths):
      rest.values = .texts(texts + row, lengths: lengths.map { $0 + row })
    }
    return rest
  }

  /// Whether the values are texts or integers, one a row, which encoders read as the text of a cell.
  var areCells: Bool {
    switch values {
    case .missing: true
    case .numbers: false
    case .integers, .texts: lists == nil
    }
  }
}
