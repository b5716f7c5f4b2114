import CKernels
import Plan

/// Runs the programs of a plan. All that changes in a run is the session's: parameters, gradients,
/// optimizer states, and for each program an arena and a feed block. A session belongs to one
/// thread of use; any number of sessions can share a plan.
///
/// A run allocates nothing, takes no lock and counts no references. It treats subnormal numbers as
/// zero, whatever the caller's floating-point mode.
public final class Session {
  public let plan: Plan
  /// How many threads the session has; each program uses as many of them as pay.
  public let threads: Int
  /// Steps of the train program done so far.
  public internal(set) var step = 0
  /// What the optimizer moves by; starts as the plan says.
  public var learningRate: Double
  /// What the random numbers of a step are drawn from, together with the step's number.
  public var seed: UInt64 {
    didSet { for program in linked + placed { program?.setSeed(seed) } }
  }

  /// Whether runs go by measured times and use one thread where several turn out slower, as on a
  /// machine whose cores are taken. Results are the same either way.
  public var adaptsThreads = true

  let shared: SharedMemory
  /// Where the plan is that of a worker that owns a part of the rows of its tables.
  let shards: TableShards?
  /// The program that moves the parameters.
  private let stepping: Program.Kind
  private let costs: CostModel
  /// By `Program.Kind.index`.
  private let linked: [LinkedProgram?]
  /// Programs of the plan once more, with feeds that lie elsewhere.
  private var placed: [LinkedProgram?] = []
  package let pool: ThreadPool?

  /// Allocates and links everything. The parameters hold the plan's weights where it has some, and
  /// are zero otherwise; `initialize` draws them.
  ///
  /// - Parameter threads: at most this many; nil takes as many as there are processors and the
  ///   plan has use for.
  public convenience init(plan: Plan, threads: Int? = nil) throws {
    try self.init(plan: plan, threads: threads, nil)
  }

  /// The session of a worker that owns a part of the rows of tables. Its parameters are zero before `initialize`.
  package convenience init(_ shards: TableShards, threads: Int? = nil) throws {
    try self.init(plan: shards.plan, threads: threads, shards)
  }

  private init(plan: Plan, threads: Int?, _ shards: TableShards?) throws {
    try Self.check(plan)
    self.plan = plan
    self.shards = shards
    seed = plan.training.seed
    learningRate = plan.training.optimizer.learningRate
    let costs = CostModel()
    self.costs = costs
    let useful = plan.programs.map { costs.threads(for: $0) }.max() ?? 1
    let wanted = max(1, min(threads ?? Platform.processorCount, useful))
    pool = wanted > 1 ? ThreadPool(count: wanted) : nil
    self.threads = pool?.count ?? 1
    shared = try SharedMemory(plan, shards)
    stepping = plan.program(.update) == nil ? .train : .update
    var linked = [LinkedProgram?](repeating: nil, count: Program.Kind.allCases.count)
    for program in plan.programs {
      linked[program.kind.index] = try LinkedProgram(
        program, shared: shared, threads: self.threads, costs: costs)
    }
    self.linked = linked
    for program in linked {
      program?.schedule.step.pointee.core = pool?.core
      program?.setSeed(seed)
    }
    shared.resetStates()
    if let weights = plan.weights { try setWeights(weights) }
    if let progress = plan.progress { try resume(progress) }
  }

  /// A session that predicts with the parameters of another one, on one thread and with an arena and
  /// feeds of its own, so that both can run at the same time. None of them may train meanwhile.
  public init(predictingBeside other: Session) throws {
    plan = other.plan
    seed = other.seed
    learningRate = other.learningRate
    step = other.step
    costs = other.costs
    pool = nil
    threads = 1
    shared = other.shared
    shards = other.shards
    stepping = other.stepping
    var linked = [LinkedProgram?](repeating: nil, count: Program.Kind.allCases.count)
    if let program = plan.program(.predict) {
      linked[Program.Kind.predict.index] = try LinkedProgram(
        program, shared: shared, threads: 1, costs: costs)
    }
    self.linked = linked
    linked[Program.Kind.predict.index]?.setSeed(seed)
  }

  /// How many of the session's threads pay for a program of its plan.
  public func threads(for program: Program) -> Int { min(threads, costs.threads(for: program)) }

  func program(_ kind: Program.Kind) throws(SessionError) -> LinkedProgram {
    guard let program = linked[kind.index] else { throw .noProgram(kind.rawValue) }
    return program
  }

  /// Runs a program on the rows that its feeds hold. A train run moves the parameters and counts
  /// as a step; of a plan with micro-batches, which `StaticEngine` trains, the update does.
  ///
  /// - Parameter rows: 1 to the program's batch capacity.
  public func run(_ kind: Program.Kind, rows: Int) throws(SessionError) {
    let program = try prepare(kind, rows: rows)
    program.execute(adapting: adaptsThreads)
    finish(kind)
  }

  /// A program once more, whose feeds are those of the same name here: rows of a batch that lie in it need
  /// no copy of their own. It has the arena of the program.
  func place(_ kind: Program.Kind, at feeds: [FeedBlock]) throws -> LinkedProgram {
    let program = try program(kind)
    var bases: [Int: UnsafeMutableRawPointer] = [:]
    for record in program.program.feeds {
      guard let feed = feeds.first(where: { $0.name == record.name && $0.width == record.width })
      else { throw SessionError.noFeed(record.name) }
      bases[record.buffer.index] = feed.base
    }
    let other = try LinkedProgram(
      program.program, shared: shared, threads: threads, costs: costs, arena: program.arena,
      feeds: program.feeds, feedBases: bases)
    other.schedule.step.pointee.core = pool?.core
    other.setSeed(seed)
    placed.append(other)
    return other
  }

  /// Runs a program that was placed.
  func run(placed program: LinkedProgram, rows: Int) throws(SessionError) {
    try prepare(program, rows: rows)
    program.execute(adapting: adaptsThreads)
    finish(program.program.kind)
  }

  @inline(__always)
  func prepare(_ kind: Program.Kind, rows: Int) throws(SessionError) -> LinkedProgram {
    let program = try program(kind)
    try prepare(program, rows: rows)
    return program
  }

  @inline(__always)
  private func prepare(_ program: LinkedProgram, rows: Int) throws(SessionError) {
    let kind = program.program.kind
    guard rows > 0, rows <= program.program.batchCapacity else {
      throw .rows(rows, capacity: program.program.batchCapacity)
    }
    program.prepare(rows: rows)
    // A session that predicts beside this one reads what they share.
    if kind != .predict { shared.step.pointee = Int64(step) }
    if kind == stepping {
      shared.refreshHyper(
        steps: step.plus(plan.initial?.step ?? 0), learningRate: learningRate)
      shared.stateContents = .anything
    }
  }

  @inline(__always)
  func finish(_ kind: Program.Kind) {
    if kind == stepping { step += 1 }
  }

  // MARK: Training state

  /// Goes on where a training run stood: its steps and optimizer states. The weights are set apart.
  public func resume(_ progress: TrainingProgress) throws(SessionError) {
    guard progress.states.count == shared.states.count else {
      throw .size(
        what: "optimizer states", found: progress.states.count, expected: shared.states.count)
    }
    for (state, block) in zip(progress.states, shared.states) {
      guard state.count == block.bytes / 4 else {
        throw .size(what: "optimizer state", found: state.count, expected: block.bytes / 4)
      }
    }
    shared.stateContents = .anything
    for (state, block) in zip(progress.states, shared.states) {
      _ = block.floats.update(from: state)
    }
    step = progress.step
  }

  /// One block per optimizer state, laid out as the parameter block.
  public var optimizerStates: [[Float]] { shared.states.map { Array($0.floats) } }

  /// Back to before the first step: states at their initial value, step 0. Parameters stay.
  public func resetTraining() {
    shared.resetStates()
    step = 0
  }
}

extension Program.Kind {
  var index: Int {
    switch self {
    case .train: 0
    case .predict: 1
    case .gradients: 2
    case .update: 3
    }
  }
}
