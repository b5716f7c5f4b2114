import Data
import ModelDefs
import Passes
import Plan
import Runtime
import Schema

/// What to time.
public struct BenchRequest: Sendable {
  /// Rows of a step, each timed by itself; nil for a few usual sizes. A model that learns from
  /// episodes has none: its program takes one episode.
  public var batches: [Int]?
  public var program = ProgramPurpose.train
  /// How long to time each batch size.
  public var seconds = 2.0
  /// Whether each step has other rows, so that lookups miss the caches as in training.
  public var refreshesRows = false
  /// Whether to take the time of each instruction as well.
  public var profiles = false
  /// Passes to leave out.
  public var disabled: Set<String> = []

  public init() {}

  /// Refuses names of passes that there are not, or that must run.
  public func check() throws(ExperimentError) {
    try ExperimentError.wrap { try Compiler.requirePasses(disabled) }
  }
}

/// How long the steps of a model take.
public struct BenchReport: Sendable {
  public var name: String
  public var program: ProgramPurpose
  /// By batch size.
  public var steps: [StepTimes] = []
  /// By batch size where they were asked for.
  public var profiles: [[InstructionProfile]] = []
  /// Ids that a row looks up.
  public var idsPerRow: Int
  /// What one core can do at best, in operations a second; 0 without profiles.
  public var corePeak = 0.0
  /// Between processes that share the steps.
  public var link: LinkTimes?
}

extension Experiment {
  /// Times the steps of the model on made-up rows. Reads the training files only where a vocabulary
  /// has to be learned from them.
  public func bench(
    _ request: BenchRequest = BenchRequest(), observer: any Observer = .silent
  ) throws(ExperimentError) -> BenchReport {
    try ExperimentError.wrap {
      try request.check()
      if let workers { try requireShares(workers, .static) }
      try requireShards()
      if workers != nil, request.program != .train || request.profiles {
        throw ExperimentError(.argument, "several processes share training steps alone")
      }
      var batches = request.batches ?? [32, 256, 1024, 4096]
      if spec.learning.isOfEpisodes {
        if request.batches != nil {
          throw ExperimentError(
            .argument, "batch sizes do not go with a model that learns from episodes",
            hint: "its program takes one episode")
        }
        batches = [1]
      }
      let shape = try assumedShape(observer)
      if let workers {
        let plan = try plan(shape, rows: batches.first ?? 1, disabled: request.disabled)
        try workers.agree(
          .success(TrainingOffer(plan, options: "\(batches) \(request.refreshesRows)")))
      }
      var report = BenchReport(
        name: name, program: request.program, idsPerRow: Self.idsPerRow(shape.schema))
      var peaks: [Int: Double] = [:]
      if let workers, workers.count > 1 {
        report.link = try LinkTimes.measure(workers.transport)
      }
      for rows in batches { try bench(rows, request, shape, &peaks, &report) }
      if request.profiles { report.corePeak = MachinePeak.flopsPerSecond(threads: 1) }
      return report
    }
  }

  private func bench(
    _ rows: Int, _ request: BenchRequest, _ shape: ModelShape, _ peaks: inout [Int: Double],
    _ report: inout BenchReport
  ) throws {
    let kind = request.program.program(spec.learning).kind
    let plan = try plan(shape, rows: rows, disabled: request.disabled)
    let plain = try self.plan(shape, rows: rows, disabled: try Compiler.optionalPasses())
    guard let program = plan.program(kind), let source = plain.program(kind) else { return }
    // An episode is run by one thread.
    let shards = try workers.flatMap {
      shardCount > 1 ? try ShardedTraining.shards(plan, $0) : nil
    }
    let session =
      try shards.map { try Session($0, threads: threads) }
      ?? Session(plan: plan, threads: plan.episodes == nil ? threads : 1)
    session.initialize(seed: plan.training.seed)
    let batches = plan.training.microBatches
    let engine =
      kind == .train && batches.isOn
      ? try StaticEngine(session, transport: workers?.transport) : nil
    try engine?.shareMemory()
    var runs = [(program: program, rows: program.batchCapacity, count: 1)]
    if engine != nil {
      runs[0].count = batches.count / (workers?.count ?? 1)
      if let update = plan.program(.update) { runs.append((update, rows, 1)) }
    }
    let feeds = try engine?.feeds(.train) ?? session.feeds(kind)
    var random = SplitMix64(seed: 1)
    func fill() { SyntheticFeeds.fill(feeds, of: plan, rows: rows, &random) }
    fill()
    let used = session.threads(for: program)
    let peak = peaks[used] ?? MachinePeak.flopsPerSecond(threads: used)
    peaks[used] = peak
    let useful = source.instructions.reduce(0.0) { sum, instruction in
      guard case .matmul = instruction else { return sum }
      return sum + Double(instruction.cost(rows: runs[0].rows).flops) * Double(runs[0].count)
    }
    var steps = 0.0
    var times = try StepTimes.measure(
      rows: rows, threads: used, runs, seconds: request.seconds, usefulFlops: useful, peak: peak,
      step: {
        try engine?.train(rows: rows) ?? session.run(kind, rows: rows)
        steps += 1
      },
      refill: request.refreshesRows ? fill : nil,
      goesOn: { [workers] in try workers?.first($0) ?? $0 })
    if let cost = engine?.exchangeCost {
      times.exchange = StepTimes.Exchange(
        processes: workers?.count ?? 1, microseconds: cost.seconds / steps * 1e6,
        bytes: cost.bytes / steps, messages: Double(cost.exchanges) / steps)
    }
    report.steps.append(times)
    if request.profiles {
      report.profiles.append(
        try runs.flatMap { run in
          try session.profile(run.program.kind, rows: run.rows, repeats: 51)
        })
    }
  }

  /// A plan for a batch size of training and prediction.
  private func plan(_ shape: ModelShape, rows: Int, disabled: Set<String>) throws -> Plan {
    var settings = spec.training
    guard settings.microBatches.count <= rows else {
      throw ExperimentError(
        .argument,
        "a batch of \(Format.count(rows, "row")) has no \(settings.microBatches.count) micro-batches",
        hint: "take larger batches with --batch, or lower training.micro_batches")
    }
    settings.batchSize = rows
    settings.evaluationBatchSize = rows
    return try compiler.compile(
      shape, settings: settings, options: Compiler.Options(disabled: disabled)
    ).plan
  }

  private static func idsPerRow(_ schema: DataSchema) -> Int {
    schema.feeds.slots.reduce(0) { sum, slot in
      switch slot {
      case .numeric, .vector: sum
      case .id: sum + 1
      case .sequence(let length, _): sum + length
      }
    }
  }
}
