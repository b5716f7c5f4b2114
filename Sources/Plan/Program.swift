import TensorTypes

/// A straight line of instructions over a table of buffers.
public struct Program: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Forward, backward and optimizer.
    case train
    /// Forward without labels.
    case predict
    /// Forward and backward; gradients are fetches named `gradient.<parameter>`.
    case gradients
  }
  public var kind: Kind
  /// The largest number of rows a run may have; the arena is laid out for it.
  public var batchCapacity: Int
  public var buffers: [Buffer]
  /// Floats of the arena.
  public var arenaFloats: Int
  public var instructions: [Instruction]
  /// Instruction indices at which a new level starts, rising, the first 0. Instructions of one
  /// level do not depend on each other; a barrier lies between levels.
  public var levels: [Int]
  public var feeds: [FeedRecord]
  public var fetches: [FetchRecord]

  public init(
    kind: Kind, batchCapacity: Int, buffers: [Buffer], arenaFloats: Int,
    instructions: [Instruction], levels: [Int], feeds: [FeedRecord],
    fetches: [FetchRecord]
  ) {
    self.kind = kind
    self.batchCapacity = batchCapacity
    self.buffers = buffers
    self.arenaFloats = arenaFloats
    self.instructions = instructions
    self.levels = levels
    self.feeds = feeds
    self.fetches = fetches
  }

  /// Floats of all buffers that share the arena: what a run would take if every intermediate value
  /// had memory of its own.
  public var intermediateFloats: Int {
    buffers.reduce(0) { $1.space == .arena ? $0.plus($1.count) : $0 }
  }

  public subscript(buffer: BufferID) -> Buffer { buffers[buffer.index] }
}

/// A matrix `[rows, width]` that the caller fills before a run.
public struct FeedRecord: Sendable, Hashable {
  public var name: String
  public var buffer: BufferID
  /// Elements a row.
  public var width: Int

  public init(name: String, buffer: BufferID, width: Int) {
    self.name = name
    self.buffer = buffer
    self.width = width
  }
}

/// A value that the caller reads after a run.
public struct FetchRecord: Sendable, Hashable {
  public var name: String
  public var view: View

  public init(name: String, view: View) {
    self.name = name
    self.view = view
  }
}
