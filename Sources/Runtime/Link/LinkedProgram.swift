import CKernels
import Plan

/// A program with its memory and its calls, ready to run. A step of it touches nothing but raw
/// memory: no reference counts, no allocation, no lock.
final class LinkedProgram {
  let program: Program
  let arena: MemoryBlock
  let feeds: MemoryBlock
  let linker: Linker
  private let calls: UnsafeMutablePointer<LinkedCall>
  private let callCount: Int
  private let patches: UnsafeMutablePointer<ExtentPatch>
  private let patchCount: Int
  private let rowConstants: [UnsafeMutablePointer<Float>]
  /// The rows that the extents and the schedule are set for; 0 before the first run.
  private var rows = 0
  let schedule: Schedule
  private var tuner = ThreadTuner()
  /// Runs in a row with the same number of rows. The tuner goes by full batches alone.
  private var streak = 0
  private var tunedRows = 0

  /// - Parameter threads: how many the session has.
  convenience init(
    _ program: Program, shared: SharedMemory, threads: Int, costs: CostModel
  ) throws(LinkError) {
    let name = program.kind.rawValue
    try self.init(
      program, shared: shared, threads: threads, costs: costs,
      arena: try MemoryBlock(floats: program.arenaFloats, what: "\(name) arena"),
      feeds: try MemoryBlock(
        floats: program.feedFloats, what: "\(name) feeds", hasPages: program.kind == .update))
  }

  /// - Parameter feedBases: Where feeds begin that lie elsewhere, by buffer: memory of the caller's, with as many rows
  ///   as the program is laid out for.
  init(
    _ program: Program, shared: SharedMemory, threads: Int, costs: CostModel, arena: MemoryBlock,
    feeds: MemoryBlock, feedBases: [Int: UnsafeMutableRawPointer] = [:]
  ) throws(LinkError) {
    self.program = program
    self.arena = arena
    self.feeds = feeds
    var linker = Linker(
      program: program, shared: shared, arena: arena, feeds: feeds, feedBases: feedBases,
      costs: costs)
    try linker.link()
    self.linker = linker
    callCount = linker.calls.count
    calls = .allocate(capacity: max(1, callCount))
    calls.initialize(from: linker.calls, count: callCount)
    patchCount = linker.patches.count
    patches = .allocate(capacity: max(1, patchCount))
    patches.initialize(from: linker.patches, count: patchCount)
    rowConstants = linker.rowConstants
    schedule = Schedule(
      calls: linker.calls.count, levels: (linker.calls.last?.level ?? 0) + 1,
      threads: max(1, min(threads, costs.threads(for: program))))
  }

  deinit {
    calls.deallocate()
    patches.deallocate()
  }

  var linkedCalls: UnsafeBufferPointer<LinkedCall> {
    UnsafeBufferPointer(start: calls, count: callCount)
  }

  /// Sets extents and schedule for a run of that many rows.
  @inline(__always)
  func prepare(rows: Int) {
    if rows != self.rows { patch(rows: rows) }
  }

  /// A run on as many threads as pay; `adapting` lets measured times decide.
  func execute(adapting: Bool) {
    guard schedule.step.pointee.threads > 1 else {
      Schedule.run(schedule.alone)
      return
    }
    guard adapting else {
      Schedule.run(schedule.step)
      return
    }
    streak += 1
    guard streak > 2 else {
      Schedule.run(tuner.usesAll ? schedule.step : schedule.alone)
      return
    }
    if rows != tunedRows {
      // Another batch size for good, not the last batch of an epoch.
      tuner = ThreadTuner()
      tunedRows = rows
      schedule.beginCalibration(calls, callCount, rows: rows)
    }
    let start = Platform.nanoseconds()
    if schedule.calibrationSteps > 0, tuner.usesAll {
      schedule.runCalibrationStep(calls, callCount, rows: rows)
    } else {
      Schedule.run(tuner.usesAll ? schedule.step : schedule.alone)
    }
    tuner.record(Platform.nanoseconds() &- start)
  }

  /// Shares the work among threads anew before the next run: this worker's part of it has changed.
  func rearrange() { rows = 0 }

  @inline(never)
  private func patch(rows: Int) {
    self.rows = rows
    streak = 0
    for k in 0..<patchCount { patches[k].target.pointee = patches[k].times * Int64(rows) }
    for constant in rowConstants { constant.pointee = Float(rows) }
    schedule.arrange(calls, callCount, rows: rows)
  }

  func block(_ space: Buffer.Space, _ shared: SharedMemory) -> MemoryBlock {
    switch space {
    case .arena: arena
    case .feeds: feeds
    case .parameters: shared.parameters
    case .gradients: shared.gradients
    }
  }

  func setSeed(_ seed: UInt64) {
    for random in linker.randoms { random.pointee.seed = seed }
  }
}
