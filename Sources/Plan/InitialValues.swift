/// What training begins with in place of random numbers: rows of parameters that come from a file or
/// from an earlier plan, and what its optimizer had learned of them.
public struct InitialValues: Sendable, Hashable {
  /// Rows of a parameter.
  public struct Rows: Sendable, Hashable {
    public var parameter: String
    /// Which rows: rising, and none empty.
    public var ranges: [Range<Int>]
    /// Row-major, all rows of `ranges` one after the other; empty where they are no longer kept.
    public var values: [Float]
    /// For each optimizer state as many numbers as `values` has, or one a row for a table of the rule
    /// `rowwise_adagrad`; empty where the optimizer starts without a history.
    public var states: [[Float]]

    public init(
      parameter: String, ranges: [Range<Int>], values: [Float], states: [[Float]] = []
    ) {
      self.parameter = parameter
      self.ranges = ranges
      self.values = values
      self.states = states
    }

    /// How many rows there are. Saturates instead of overflowing.
    public var count: Int { ranges.reduce(0) { $0.plus($1.count) } }

    /// Visits the rows with their places in `values`, those of the parameter's first `limit` rows alone.
    package func forEach(below limit: Int, _ body: (_ row: Int, _ place: Int) -> Void) {
      var place = 0
      for range in ranges {
        for row in range where (0..<limit).contains(row) {
          body(row, place + row - range.lowerBound)
        }
        place += range.count
      }
    }
  }

  public var rows: [Rows]
  /// Steps that the optimizer has behind it.
  public var step: Int
  /// Of all values and states, so that a plan that no longer holds them still says which they were.
  public private(set) var checksum: UInt64
  /// Whether the values are there. A trained plan and a checkpoint have them in their weights, as far as
  /// training has left them.
  public private(set) var areKept: Bool

  public init(rows: [Rows], step: Int = 0) {
    self.init(rows: rows, step: step, checksum: Self.checksum(rows), areKept: true)
  }

  package init(rows: [Rows], step: Int, checksum: UInt64, areKept: Bool) {
    self.rows = rows
    self.step = step
    self.checksum = checksum
    self.areKept = areKept
  }

  /// The same without values and states.
  public var withoutValues: InitialValues {
    var bare = self
    bare.areKept = false
    for k in bare.rows.indices { (bare.rows[k].values, bare.rows[k].states) = ([], []) }
    return bare
  }

  /// Numbers that are held: values and states.
  package var floats: Int {
    rows.reduce(0) { sum, rows in
      rows.states.reduce(sum.plus(rows.values.count)) { $0.plus($1.count) }
    }
  }

  public subscript(parameter: String) -> Rows? { rows.first { $0.parameter == parameter } }

  private static func checksum(_ rows: [Rows]) -> UInt64 {
    rows.flatMap { [$0.values] + $0.states }.reduce(0) { sum, values in
      values.withUnsafeBytes { (sum << 7 | sum >> 57) ^ Checksum.of($0) }
    }
  }
}
