import GraphIR
import Plan
import TensorTypes

/// A program on its way from lowered nodes to its place in a plan.
struct ProgramDraft {
  let kind: Program.Kind
  let capacity: Int
  let layout: ParameterLayout
  /// What the norm of all gradients together is clipped to. It is known only when every gradient
  /// is, so that no product can apply the optimizer itself.
  let maximumNorm: Float?
  /// The parameters that are updated by rows.
  let tables: Set<String>
  /// How the program's batches are made of micro-batches; nil where its runs are whole batches.
  var microBatches: MicroBatchDraft?

  /// The memory of all views, in no order and at no place yet.
  var storages: StorageTable
  var instructions: [Instruction]
  var fetches: [FetchRecord]
  /// The parameters that the optimizer has still to step; empty in a program that does not train.
  var pending: PendingUpdates
  /// For each instruction the level that it runs in, once that is known.
  var levelOf: [Int]?
  /// The program, once its memory is laid out, with the largest sum of arena floats that live at one
  /// time.
  var finished: (program: Program, lowerBound: Int)?

  /// The program of the update, where another one than this steps the parameters: at most one.
  var updates: [ProgramDraft] = []

  /// The buffer that is the whole parameter block, and the one of gradients.
  var parameters: BufferID { mutating get { storages.parameterBlock(layout) } }
  var gradients: BufferID { mutating get { storages.gradientBlock(layout) } }

  /// The views that a run leaves for its caller.
  var fetched: [View] { fetches.map(\.view) }

  /// The program as it stands: before its memory is laid out, each storage at a place of its own.
  var program: Program {
    if let finished { return finished.program }
    let order = LevelOrder(instructions, levelOf: levelOf ?? Array(instructions.indices))
    var arena = 0
    let buffers = storages.storages.map { storage in
      defer { if storage.space == .arena { arena += storage.count } }
      return Buffer(
        space: storage.space, offset: storage.space == .arena ? arena : storage.offset,
        count: storage.count, dtype: storage.dtype,
        lifetime: storage.space == .arena ? 0...max(0, instructions.count - 1) : nil,
        label: storage.label)
    }
    return Program(
      kind: kind, batchCapacity: capacity, buffers: buffers, arenaFloats: arena,
      instructions: order.instructions, levels: order.levels, feeds: Self.feeds(buffers, capacity),
      fetches: fetches)
  }

  static func feeds(_ buffers: [Buffer], _ capacity: Int) -> [FeedRecord] {
    buffers.enumerated().compactMap { index, buffer in
      guard buffer.space == .feeds else { return nil }
      return FeedRecord(
        name: buffer.label, buffer: BufferID(index), width: buffer.count / max(capacity, 1))
    }
  }
}

/// What a training program for micro-batches is split by.
struct MicroBatchDraft {
  /// Rows of a whole batch.
  var batchSize: Int
  /// Elements of the gradients of a batch are clipped to [−clipValue, clipValue]; nil leaves them.
  var clipValue: Float?
}
