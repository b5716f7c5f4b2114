/// What a gate does with the experts that it mixes.
public struct GateReport: Sendable, Hashable {
  /// As its parameters are named: `gates.income`.
  public var name: String
  /// The experts in its order.
  public var experts: [String]
  /// The mean weight of each over the rows of the sample; their sum is 1.
  public var weights: [Double]
  /// The mean over the rows of −Σ w·ln w / ln n: 1 for a gate that gives all experts the same weight,
  /// 0 for one that takes a single one. 0 with a single expert.
  public var entropy: Double
  /// The standard deviation over the rows of each weight: 0 for a gate that does not look at the row.
  public var deviations: [Double]

  public init(
    name: String, experts: [String], weights: [Double], entropy: Double, deviations: [Double]
  ) {
    self.name = name
    self.experts = experts
    self.weights = weights
    self.entropy = entropy
    self.deviations = deviations
  }
}

/// Experts of one kind, side by side.
public struct ExpertReport: Sendable, Hashable {
  /// What their names have in common: `experts`.
  public var name: String
  public var experts: [String]
  /// How similar the outputs of each pair are over the rows of the sample, from 0 to 1, whatever the
  /// order, sign and scale of their units: linear CKA (S. Kornblith, M. Norouzi, H. Lee, G. Hinton,
  /// "Similarity of Neural Network Representations Revisited", ICML 2019, eq. 3).
  public var similarity: [[Double]]
  /// Of each the share of its output's units that are 0 in every row of the sample.
  public var deadShares: [Double]
  /// How many experts there are beside those that are shown.
  public var omitted: Int

  public init(
    name: String, experts: [String], similarity: [[Double]], deadShares: [Double], omitted: Int
  ) {
    self.name = name
    self.experts = experts
    self.similarity = similarity
    self.deadShares = deadShares
    self.omitted = omitted
  }
}

/// An embedding table: how long its vectors are, by how often their ids occur.
public struct TableReport: Sendable, Hashable {
  public struct Bin: Sendable, Hashable {
    /// Ids that occur at least so often, and less than twice as often; 0 for those that do not occur.
    public var leastCount: Int
    public var ids: Int
    /// The mean length of their vectors.
    public var norm: Double

    public init(leastCount: Int, ids: Int, norm: Double) {
      self.leastCount = leastCount
      self.ids = ids
      self.norm = norm
    }
  }

  /// The feature.
  public var name: String
  public var rows: Int
  public var columns: Int
  public var bins: [Bin]

  public init(name: String, rows: Int, columns: Int, bins: [Bin]) {
    self.name = name
    self.rows = rows
    self.columns = columns
    self.bins = bins
  }
}
