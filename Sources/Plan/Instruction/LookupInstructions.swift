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
    features.reduce(0) { $0 + $1.expectedRows(rows: rows) }
  }

  /// Whether the features' rows follow each other without gaps, from the first to the last row.
  public var coversWeight: Bool {
    features.first?.rowOffset == 0 && ascends
      && zip(features, features.dropFirst()).allSatisfy {
        $0.rowOffset + $0.rowCount == $1.rowOffset
      }
      && features.last.map { .fixed($0.rowOffset + $0.rowCount) } == weight.extents.first
  }

  /// Whether the features' rows follow each other, each row once.
  private var ascends: Bool {
    var next = 0
    for feature in features {
      let (end, overflow) = feature.rowOffset.addingReportingOverflow(feature.rowCount)
      guard !overflow, feature.rowOffset >= next, feature.rowCount > 0 else { return false }
      next = end
    }
    return true
  }

  /// Whether the features' rows can be stepped: each of them once, and all, unless other parts step
  /// the others.
  public var isSteppable: Bool { part == 0 ? coversWeight : ascends }

  /// The rows of the weight that belong to features, as few views as there can be.
  public var weightRows: [View] {
    guard weight.extents.count == 2, weight.strides.count == 2 else { return [weight] }
    var runs: [Range<Int>] = []
    for feature in features.sorted(by: { $0.rowOffset < $1.rowOffset }) {
      let (end, overflow) = feature.rowOffset.addingReportingOverflow(feature.rowCount)
      guard !overflow, feature.rowOffset >= 0, end > feature.rowOffset else { return [weight] }
      if let last = runs.last, feature.rowOffset <= last.upperBound {
        runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, end)
      } else {
        runs.append(feature.rowOffset..<end)
      }
    }
    var views: [View] = []
    for run in runs {
      let (distance, overflow) = run.lowerBound.multipliedReportingOverflow(by: weight.strides[0])
      let (offset, overflow2) = weight.offset.addingReportingOverflow(distance)
      guard !overflow, !overflow2 else { return [weight] }
      var view = weight
      view.offset = offset
      view.extents[0] = .fixed(run.count)
      views.append(view)
    }
    return views
  }
}

extension OneHotLinearInstruction.Feature {
  /// How many of its rows a batch of `rows` rows selects, if all ids are equally frequent.
  public func expectedRows(rows: Int) -> Double {
    let count = Double(max(1, rowCount))
    var missed = 1.0
    for _ in 0..<min(rows, 1_024) { missed *= 1 - 1 / count }
    return count * (1 - missed)
  }
}
