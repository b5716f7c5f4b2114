import TensorTypes

/// A straight line of instructions over a table of buffers.
public struct Program: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Forward, backward and optimizer; of a plan with micro-batches forward and backward of one.
    case train
    /// Forward without labels.
    case predict
    /// Forward and backward; gradients are fetches named `gradient.<parameter>`.
    case gradients
    /// Of a plan with micro-batches, whose `train` program leaves gradients: the optimizer, on the
    /// sums over all micro-batches, for the rows of a whole batch.
    case update
  }
  public var kind: Kind
  /// The largest number of rows a run may have; the arena is laid out for it.
  public var batchCapacity: Int
  package var buffers: [Buffer]
  /// Floats of the arena.
  package var arenaFloats: Int
  package var instructions: [Instruction]
  /// Instruction indices at which a new level starts, rising, the first 0. Instructions of one
  /// level do not depend on each other; a barrier lies between levels.
  package var levels: [Int]
  package var feeds: [FeedRecord]
  package var fetches: [FetchRecord]

  package init(
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
  package var intermediateFloats: Int {
    buffers.reduce(0) { $1.space == .arena ? $0.plus($1.count) : $0 }
  }

  package subscript(buffer: BufferID) -> Buffer { buffers[buffer.index] }
}

/// A matrix `[rows, width]` that the caller fills before a run.
package struct FeedRecord: Sendable, Hashable {
  package var name: String
  package var buffer: BufferID
  /// Elements a row.
  package var width: Int

  package init(name: String, buffer: BufferID, width: Int) {
    self.name = name
    self.buffer = buffer
    self.width = width
  }
}

/// A value that the caller reads after a run.
package struct FetchRecord: Sendable, Hashable {
  package var name: String
  package var view: View

  package init(name: String, view: View) {
    self.name = name
    self.view = view
  }
}
