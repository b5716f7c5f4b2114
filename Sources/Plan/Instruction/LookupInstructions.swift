/// Rows of one or more tables by id into columns of a matrix; as `scatterAdd` the way back: rows of
/// `matrix` are added to the gradients of the tables. Negative ids are padding; an id beyond the
/// table reads row 0.
public struct GatherInstruction: Sendable, Hashable {
  public enum Pooling: UInt8, Sendable, Hashable, CaseIterable {
    /// The rows side by side.
    case concat = 0
    case sum
    case mean
  }

  public struct Feature: Sendable, Hashable {
    /// [rows, columns] of the parameter block; for scatterAdd the gradient matrix (any space),
    /// which must hold zeros or an earlier sum.
    public var table: View
    /// i32 [B, length].
    public var ids: View
    public var pooling: Pooling
    /// The first column of `matrix`.
    public var column: Int

    public init(table: View, ids: View, pooling: Pooling, column: Int) {
      self.table = table
      self.ids = ids
      self.pooling = pooling
      self.column = column
    }
  }

  public var features: [Feature]
  /// [B, columns].
  public var matrix: View

  public init(features: [Feature], matrix: View) {
    self.features = features
    self.matrix = matrix
  }
}

/// output[r, d] = 1 where ids[r] = d, else 0.
public struct OneHotInstruction: Sendable, Hashable {
  /// i32 [rows, 1].
  public var ids: View
  /// [rows, depth].
  public var output: View

  public init(ids: View, output: View) {
    self.ids = ids
    self.output = output
  }
}

/// What remains of a product with one-hot columns: matrix = act(Σ_f weight[rowOffset_f + id_f] (+
/// matrix) (+ bias)). As `oneHotGradient` the way back: rows of `matrix` are added to the rows of
/// `weight` (a gradient matrix), and their sum stored to `bias`.
public struct OneHotLinearInstruction: Sendable, Hashable {
  public struct Feature: Sendable, Hashable {
    /// i32 [B, 1].
    public var ids: View
    public var rowOffset: Int
    public var rowCount: Int

    public init(ids: View, rowOffset: Int, rowCount: Int) {
      self.ids = ids
      self.rowOffset = rowOffset
      self.rowCount = rowCount
    }
  }

  public var features: [Feature]
  /// [rows, n].
  public var weight: View
  public var bias: View?
  /// [B, n].
  public var matrix: View
  public var accumulate: Bool
  public var activation: MatmulInstruction.Activation?
  public var activationColumns: Range<Int>?
  /// As a gradient: `weight` is a parameter, and the sums step it as its gradient, with this L2
  /// factor. No two features share a row then, and there are limits.
  public var updateL2: Float?

  /// As an update: the rows that it steps.
  public var updatedRows = UpdatedRows.all
  /// Which part of a weight this is whose rows are divided between threads: 1 or 2, or 0 for a weight
  /// that is not. Products with a part and its update go to the same threads, whose caches hold it.
  public var part = 0

  /// Rows of a weight as the ids of a batch divide them. The step of an absent row follows from its
  /// state alone: it need not wait for the gradient.
  public enum UpdatedRows: UInt8, Sendable, Hashable, CaseIterable {
    case all = 0
    case absent
    case present
  }

  /// The largest batch, and the most rows of a feature, that a weight is stepped with.
  public static let largestUpdateBatch = 1_024
  public static let largestUpdateVocabulary = 4_096

  public init(
    features: [Feature], weight: View, bias: View?, matrix: View, accumulate: Bool,
    activation: MatmulInstruction.Activation? = nil, activationColumns: Range<Int>? = nil,
    updateL2: Float? = nil
  ) {
    self.features = features
    self.weight = weight
    self.bias = bias
    self.matrix = matrix
    self.accumulate = accumulate
    self.activation = activation
    self.activationColumns = activationColumns
    self.updateL2 = updateL2
  }

  /// How many rows of the weight a batch of `rows` rows selects, if all ids are equally frequent.
  public func expectedRows(rows: Int) -> Double {
    features.reduce(0) { sum, feature in
      let count = Double(max(1, feature.rowCount))
      var missed = 1.0
      for _ in 0..<min(rows, 1_024) { missed *= 1 - 1 / count }
      return sum + count * (1 - missed)
    }
  }

  /// Whether the features' rows follow each other without gaps, from the first to the last row.
  public var coversWeight: Bool {
    var next = 0
    for feature in features {
      guard feature.rowOffset == next, feature.rowCount > 0 else { return false }
      let (end, overflow) = next.addingReportingOverflow(feature.rowCount)
      guard !overflow else { return false }
      next = end
    }
    return weight.extents.first == .fixed(next)
  }
}
