/// A model, or a graph of ops, as blocks and the arrows between them.
public struct ModelDiagram: Sendable, Hashable {
  public struct Block: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      /// Numbers or ids as they come from the rows.
      case input
      /// A table of vectors by id.
      case table
      /// Layers with weights.
      case layers
      /// What is predicted.
      case output
      /// One op of a graph.
      case op
    }

    public var kind: Kind
    public var title: String
    /// What is in it, line by line.
    public var lines: [String]
    /// Numbers that are learned.
    public var weights: Int

    public init(_ kind: Kind, _ title: String, lines: [String] = [], weights: Int = 0) {
      self.kind = kind
      self.title = title
      self.lines = lines
      self.weights = weights
    }
  }

  /// From one block to another, by their places.
  public struct Arrow: Sendable, Hashable {
    public var from: Int
    public var to: Int

    public init(_ from: Int, _ to: Int) {
      self.from = from
      self.to = to
    }
  }

  public var title: String
  /// Every block behind those that it reads.
  public var blocks: [Block]
  public var arrows: [Arrow]

  public init(title: String, blocks: [Block], arrows: [Arrow]) {
    self.title = title
    self.blocks = blocks
    self.arrows = arrows
  }
}
