import Experiments
import Foundation
import Plan
import Schema
import Testing
import Transport

/// Workers of which each has a part of the rows of tables end with the bits of one that has them whole.
@Suite struct ShardedTrainingTests {
  /// Ids beside each other and in sequences of which the mean and the sum is taken, tables that features share,
  /// ids that no training row has.
  private static let spec = """
    {
      data: { train: 'train.csv', test: 'test.csv', validation_fraction: 0.2 },
      features: [
        { name: 'u', type: 'id', hash_bucket_size: 53, embedding_dim: 5 },
        { columns: ['v', 'w'], type: 'id', num_ids: 20, embedding_dim: 4, embedding_name: 'vw' },
        { name: 's', type: 'sequence', num_ids: 31, embedding_dim: 3, max_length: 4, pooling: 'mean' },
        { name: 't', type: 'sequence', num_ids: 31, embedding_dim: 3, max_length: 3, pooling: 'sum' },
        { name: 'few', type: 'id', num_ids: 3, embedding_dim: 2 },
        { name: 'x', type: 'numeric' },
      ],
      tasks: [{ name: 'a' }, { name: 'b' }],
      model: { type: 'mmoe', num_experts: 2, expert_hidden_units: [6], tower_hidden_units: [4] },
      training: {
        batch_size: 48, eval_batch_size: 20, micro_batches: 8, epochs: 2, embedding_l2: 0.001,
        sparse_optimizer: { type: 'lazy_adam' },
      },
    }
    """

  private static let bench = Result {
    let bench = try Bench()
    for (name, rows, seed) in [("train.csv", 230, 1), ("test.csv", 90, 2)] {
      var state = UInt32(seed)
      func draw(_ limit: UInt32) -> UInt32 {
        state = state &* 1_664_525 &+ 1_013_904_223
        return (state >> 8) % limit
      }
      func ids(_ most: UInt32) -> String {
        (0..<draw(most + 1)).map { _ in "\(draw(25))" }.joined(separator: "|")
      }
      var text = "u,v,w,s,t,few,x,a,b\n"
      for _ in 0..<rows {
        text += "\(draw(200)),\(draw(15)),\(draw(20)),\(ids(5)),\(ids(3)),\(draw(2)),\(draw(100)),"
        text += "\(draw(2)),\(draw(3) / 2)\n"
      }
      _ = try bench.write(text, to: name)
    }
    _ = try bench.write((0..<60).map { "\($0) 0.\($0) -0.5\n" }.joined(), to: "u.txt")
    _ = try bench.write(spec, to: "spec.json5")
    return bench
  }

  /// What a run leaves.
  private struct Outcome: Equatable {
    var plan: [UInt8]
    var metrics: [TaskMetrics]
    var losses: [[Double?]]
  }

  /// A spec with other overrides has another text.
  private static func bytes(_ path: String, isOfAnySpec: Bool) throws -> [UInt8] {
    guard isOfAnySpec else { return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) }
    var plan = try CompiledPlan(contentsOf: path).plan
    plan.specText = ""
    return plan.encoded()
  }

  /// Asks to stop after the second epoch.
  private final class Stopper: Observer {
    private let epochs = Guarded(0)
    func receive(_ event: Event) {
      if case .epoch = event { epochs.withLock { $0 += 1 } }
    }
    var shouldStop: Bool { epochs.withLock { $0 >= 2 } }
  }

  /// The results of all workers.
  /// - Parameter workers: nil for one process that knows nothing of others.
  private func runs(
    _ workers: Int?, _ overrides: [String], folder: String, checkpoints: Checkpoints? = nil,
    stops: Bool = false
  ) throws -> [Run] {
    let path = try Self.bench.get().path
    try OutputFolder.make("\(path)/\(folder)")
    @Sendable func run(_ end: ThreadTransport?) throws -> Run {
      var experiment = try Experiment(contentsOf: "\(path)/spec.json5", assignments: overrides)
      experiment.threads = 1
      func train() throws -> Run {
        // The last worker alone is asked to stop.
        let observer: any Observer =
          stops && (end?.rank ?? 0) + 1 == (end?.count ?? 1) ? Stopper() : .silent
        let run = try experiment.train(checkpoints: checkpoints, observer: observer)
        if end?.rank ?? 0 == 0 || run.spreadsTables {
          try run.writePlan(to: "\(path)/\(folder)/plan.bin")
        }
        return run
      }
      guard let end else { return try train() }
      let workers = Workers(end)
      experiment.workers = workers
      return try workers.run(tell: { _, _ in }, body: train)
    }
    guard let workers else { return [try run(nil)] }
    let results = Guarded<[Swift.Result<Run, any Error>]>([])
    let threads = ThreadTransport.group(workers).map { end in
      SystemThread {
        let result = Swift.Result { try run(end) }
        results.withLock { $0.append(result) }
      }
    }
    for thread in threads { thread?.join() }
    return try results.withLock { try $0.map { try $0.get() } }
  }

  private func train(
    _ workers: Int?, _ overrides: [String], folder: String, checkpoints: Checkpoints? = nil,
    isOfAnySpec: Bool = false
  ) throws -> Outcome {
    let runs = try runs(workers, overrides, folder: folder, checkpoints: checkpoints)
    let plan = try Self.bytes(
      "\(Self.bench.get().path)/\(folder)/plan.bin", isOfAnySpec: isOfAnySpec)
    let outcomes = runs.map { run in
      Outcome(
        plan: plan, metrics: run.metrics.tasks,
        losses: run.training.epochs.map { [$0.loss] + $0.taskLosses })
    }
    let first = try #require(outcomes.first)
    #expect(outcomes.count == workers ?? 1 && outcomes.allSatisfy { $0 == first })
    let isSpread = (workers ?? 1) > 1 && overrides.contains(Self.sharded)
    #expect(runs.allSatisfy { $0.spreadsTables == isSpread })
    return first
  }

  private static let sharded = "training.sparse_optimizer.placement=sharded"

  /// Every rule for rows, on 1, 2, 4 and 8 workers; more of them than a table has rows.
  @Test(arguments: SparseOptimizer.Kind.allCases)
  func workersDoNotMatter(kind: SparseOptimizer.Kind) throws {
    let rule = ["training.sparse_optimizer.type=\(kind.rawValue)", "training.save_optimizer=true"]
    let folder = "rule-\(kind.rawValue)"
    let replicated = try train(nil, rule, folder: folder, isOfAnySpec: true)
    let alone = try train(nil, rule + [Self.sharded], folder: folder)
    #expect(
      try train(2, rule + [Self.sharded], folder: folder, isOfAnySpec: true) == replicated)
    for workers in [1, 2, 4, 8] {
      #expect(try train(workers, rule + [Self.sharded], folder: folder) == alone, "\(workers)")
    }
  }

  /// The best weights of early stopping and the average of weights are kept by parts too.
  @Test(arguments: [
    ["training.early_stopping={ metric: 'auc', patience: 1 }", "training.epochs=4"],
    ["training.weights_average={ type: 'swa', start: 0.3 }", "training.epochs=3"],
    [
      "model={ type: 'ple', dropout: 0.2 }", "training.micro_batches=6", "training.batch_size=50",
      "training.sparse_optimizer.type=rowwise_adagrad", "training.shuffle=true",
    ],
  ])
  func whatIsKeptIsSpread(_ more: [String]) throws {
    let overrides = more + [Self.sharded]
    let alone = try train(nil, overrides, folder: "kept-\(more[0].count)")
    for workers in more[0].contains("ple") ? [3, 6] : [2, 8] {
      #expect(
        try train(workers, overrides, folder: "kept-\(more[0].count)") == alone, "\(workers)")
    }
  }

  /// Workers of one machine keep whole tables once where these have pages of their own, and step them together; with
  /// rows that training does not read, what early stopping and averages keep, and a checkpoint.
  @Test(arguments: SparseOptimizer.Kind.allCases)
  func wholeTablesAreSteppedTogether(kind: SparseOptimizer.Kind) throws {
    let overrides = [
      "features[0]={ name: 'u', type: 'id', hash_bucket_size: 5003, embedding_dim: 5 }",
      "training.sparse_optimizer.type=\(kind.rawValue)", "training.save_optimizer=true",
      "training.early_stopping={ metric: 'auc', patience: 9 }",
      "training.weights_average={ type: 'swa', start: 0.3 }", "training.epochs=3",
    ]
    let folder = "together-\(kind.rawValue)"
    let alone = try train(nil, overrides, folder: folder)
    let path = "\(try Self.bench.get().path)/\(folder)"
    let plan = try CompiledPlan(contentsOf: "\(path)/plan.bin").plan
    let table = try #require(plan.parameters.first { $0.rows > 5000 })
    let end = table.offset + table.rows * table.rowStride
    #expect(
      table.offset % 1024 == 0
        && plan.parameters.allSatisfy {
          $0.offset <= table.offset || $0.offset >= (end + 1023) / 1024 * 1024
        })
    for workers in [2, 4, 8] {
      #expect(try train(workers, overrides, folder: folder) == alone, "\(workers)")
    }
    #expect {
      try runs(4, overrides, folder: folder, checkpoints: Checkpoints(in: path), stops: true)
    } throws: { ($0 as? ExperimentError)?.kind == .interrupted }
    let checkpoints = Checkpoints(in: path, resumes: true)
    #expect(try train(2, overrides, folder: folder, checkpoints: checkpoints) == alone)
  }

  /// A checkpoint is that of one worker alone, and goes on with any number of them.
  @Test(arguments: SparseOptimizer.Kind.allCases)
  func checkpointsAreOfAnyNumber(kind: SparseOptimizer.Kind) throws {
    let overrides = [
      "training.sparse_optimizer.type=\(kind.rawValue)", Self.sharded,
      "training.early_stopping={ metric: 'auc', patience: 9 }",
      "training.weights_average={ type: 'swa', start: 0.2 }", "training.epochs=4",
    ]
    let folder = "resume-\(kind.rawValue)"
    let whole = try train(nil, overrides, folder: folder)
    let path = "\(try Self.bench.get().path)/\(folder)"
    for (first, second) in [(2, 4), (nil, 2), (4, nil)] as [(Int?, Int?)] {
      #expect {
        try runs(
          first, overrides, folder: folder, checkpoints: Checkpoints(in: path), stops: true)
      } throws: { ($0 as? ExperimentError)?.kind == .interrupted }
      let stopped = try CompiledPlan(contentsOf: "\(path)/checkpoint.bin").plan
      #expect(stopped.progress?.average != nil && stopped.progress?.watch?.best != nil)
      let resumed = try train(
        second, overrides, folder: folder, checkpoints: Checkpoints(in: path, resumes: true))
      #expect(resumed == whole, "\(String(describing: first)) \(String(describing: second))")
    }
  }

  /// What takes whole tables is refused by its key, and with one process does what it does.
  @Test func wholeTablesAreRefused() throws {
    let path = try Self.bench.get().path
    for (override, message) in [
      ("training.gradient_clip_value=0.1", "training.gradient_clip_value clips"),
      ("training.initialize_from=plan.bin", "training.initialize_from gives"),
      ("training.micro_batches=1", "training.micro_batches is 1"),
      (
        "features[2]={ name: 's', type: 'sequence', num_ids: 31, weighted: true, max_length: 4 }",
        "embedding.s cannot be spread: a sequence with weights"
      ),
      (
        "features[0]={ name: 'u', type: 'id', embedding_dim: 2, pretrained: { file: '\(path)/u.txt' }}",
        "features.u.pretrained gives"
      ),
    ] {
      #expect {
        try train(2, [Self.sharded, override], folder: "refused")
      } throws: {
        ($0 as? ExperimentError)?.kind == .spec && "\($0)".contains(message)
      }
    }
    let clipped = [Self.sharded, "training.gradient_clip_value=0.1"]
    #expect(try train(1, clipped, folder: "clip") == train(nil, clipped, folder: "clip"))
    // A table that does not train is whole at each worker.
    let frozen = [
      Self.sharded,
      "features[0]={ name: 'u', type: 'id', embedding_dim: 2,"
        + " pretrained: { file: '\(path)/u.txt', trainable: false } }",
    ]
    #expect(try train(2, frozen, folder: "frozen") == train(nil, frozen, folder: "frozen"))
  }
}
