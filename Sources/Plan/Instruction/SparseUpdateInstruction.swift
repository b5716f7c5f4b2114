/// Steps the rows of a table that lookups have read, by the rule of `Optimizer.sparse`. A
/// row's gradient is the sum over its occurrences, in the order of sources, batch rows and places;
/// rows whose gradient is zero are left alone.
public struct SparseUpdateInstruction: Sendable, Hashable {
  public struct Source: Sendable, Hashable {
    /// i32 [B, length] as the lookup read them; nil: row r of `matrix` is the gradient of row r.
    public var ids: View?
    public var pooling: GatherInstruction.Pooling
    /// The gradient of what the lookup gave: [B, dim], or [B, length · dim] side by side.
    public var matrix: View

    public init(ids: View?, pooling: GatherInstruction.Pooling, matrix: View) {
      self.ids = ids
      self.pooling = pooling
      self.matrix = matrix
    }
  }

  /// [rows, dim] of the parameter block: a whole parameter.
  public var table: View
  public var l2: Float
  public var sources: [Source]

  public init(table: View, l2: Float, sources: [Source]) {
    self.table = table
    self.l2 = l2
    self.sources = sources
  }
}
