import CKernels
import Plan
import TensorTypes

/// Turns a program's instructions into kernel calls with resolved addresses. Everything is checked
/// here, so that a step checks nothing.
struct Linker: InstructionLinker {
  let program: Program
  let shared: SharedMemory
  let arena: MemoryBlock
  let feeds: MemoryBlock
  /// Where feeds begin that lie elsewhere, by buffer.
  let feedBases: [Int: UnsafeMutableRawPointer]
  let costs: CostModel
  let store = ArgumentStore()
  /// Instructions whose rows of a weight one half of the threads keeps, with that half.
  let halves: [Int: Int]

  private(set) var calls: [LinkedCall] = []
  var patches: [ExtentPatch] = []
  /// Constants that hold the number of rows.
  var rowConstants: [UnsafeMutablePointer<Float>] = []
  /// Random kernels, which read the session's seed.
  var randoms: [UnsafeMutablePointer<mtlc_random_args>] = []
  /// Memory of kernels beside the arena.
  private(set) var blocks: [MemoryBlock] = []
  private var level = 0
  /// By the offset of a table that workers may come to update together, the memory of its update.
  private(set) var updateMemory: [Int: MemoryBlock] = [:]
  /// Updates whose ids have been sorted, by instruction.
  var sparseCalls: [Int: SparseCall] = [:]
  var index = 0
  /// Behind the last instruction of the level at hand.
  private(set) var levelEnd = 0

  init(
    program: Program, shared: SharedMemory, arena: MemoryBlock, feeds: MemoryBlock,
    feedBases: [Int: UnsafeMutableRawPointer], costs: CostModel
  ) {
    self.program = program
    self.costs = costs
    halves = WeightHalves.of(program)
    self.shared = shared
    self.arena = arena
    self.feeds = feeds
    self.feedBases = feedBases
  }

  mutating func link() throws(LinkError) {
    guard program.batchCapacity > 0 else { throw LinkError("a batch capacity of 0 rows") }
    guard program.levels.first == 0 || program.instructions.isEmpty else {
      throw LinkError("the first level does not start at instruction 0")
    }
    for (number, start) in program.levels.enumerated() {
      let isLast = number + 1 == program.levels.count
      let end = isLast ? program.instructions.count : program.levels[number + 1]
      guard start <= end, end <= program.instructions.count else {
        throw LinkError("level \(number) starts at instruction \(start)")
      }
      if number > 0 { level += 1 }
      levelEnd = end
      for index in start..<end {
        self.index = index
        try program.instructions[index].link(by: &self)
      }
    }
    if !blocks.isEmpty { meet() }
    for k in calls.indices { calls[k].deadline = deadline(of: calls[k]) }
  }

  /// The first level with something that the call's result matters to, for what may go on so long:
  /// other calls have their turn in their own level.
  private func deadline(of call: LinkedCall) -> Int {
    guard program.instructions[call.instruction].timing == .patient else { return call.level + 1 }
    let written = program.instructions[call.instruction].writes
    let later = calls.first { other in
      other.level > call.level
        && program.instructions[other.instruction].operands.contains { operand in
          written.contains { operand.view.mayOverlap($0, rows: program.batchCapacity) }
        }
    }
    return later?.level ?? (level + 1)
  }

  /// Adds a call of the instruction at hand.
  ///
  /// - Parameters:
  ///   - share: The part that this worker runs, where others run the rest.
  ///   - nanoseconds: about how long it takes on one core by the rows of the batch; nil goes
  ///     by the instruction's arithmetic and memory.
  mutating func add<T: BitwiseCopyable>(
    _ family: KernelFamily<T>, _ arguments: UnsafeMutablePointer<T>,
    share: UnsafePointer<WorkerShare>? = nil, nanoseconds: ((Int) -> Double)? = nil
  ) {
    let instruction = program.instructions[index]
    func estimate(_ rows: Int) -> Double {
      nanoseconds?(rows) ?? costs.nanoseconds(instruction.cost(rows: rows))
    }
    let (one, full) = (estimate(1), estimate(program.batchCapacity))
    let slope =
      program.batchCapacity > 1 ? (full - one) / Double(program.batchCapacity - 1) : 0
    calls.append(
      LinkedCall(
        kernel: family.kernel, arguments: UnsafeMutableRawPointer(arguments), instruction: index,
        level: level, deadline: level + 1, half: halves[index] ?? 0, share: share,
        fixedCost: one - slope, rowCost: slope))
  }

  /// Adds a call with a copy of these arguments, some of which are extents.
  mutating func add<T: BitwiseCopyable>(
    _ family: KernelFamily<T>, _ arguments: T,
    _ extents: (field: WritableKeyPath<T, Int64>, extent: Extent)...
  ) {
    let pointer = store.make(arguments)
    for (field, extent) in extents { bind(pointer.pointer(to: field), extent) }
    add(family, pointer)
  }

  /// Holds on to a block as long as the calls live.
  /// - Parameter table: The offset of a table that workers may come to update together.
  mutating func keep(_ block: MemoryBlock, ofTable table: Int? = nil) {
    blocks.append(block)
    if let table { updateMemory[table] = block }
  }

  /// What follows waits for what was added before.
  mutating func beginLevel() { level += 1 }

  /// The same, of workers that update tables together: what follows waits for all of them.
  mutating func meet() {
    beginLevel()
    guard program.kind == .update else { return }
    add(meetingKernel, shared.meeting) { _ in 0 }
    beginLevel()
  }

  /// The extent at the capacity; remembers that it follows the rows of a run.
  mutating func bind(_ target: UnsafeMutablePointer<Int64>?, _ extent: Extent) {
    guard let target else { return }
    target.pointee = Int64(size(extent))
    if case .batch(let times) = extent {
      patches.append(ExtentPatch(target: target, times: Int64(times)))
    }
  }

  func fault(_ message: String) -> LinkError {
    guard program.instructions.indices.contains(index) else { return LinkError(message) }
    return LinkError(
      "\(program.kind.rawValue) program, instruction \(index) "
        + "(\(program.instructions[index].name)): \(message)")
  }
}
