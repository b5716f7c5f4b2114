import Experiments
import Foundation
import Plan
import Schema
import Synchronization
import Testing

/// Training with losses that compare the rows of a group: what they learn, and that every way to train
/// gives the same.
@Suite struct GroupTrainingTests {
  private let bench: Bench

  /// Users who click much see low prices, but each user prefers the higher ones: over all rows a click
  /// goes with a low price, within a user with a high one.
  init() throws {
    bench = try Bench()
    var random: UInt64 = 5
    func uniform() -> Double {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(random >> 40) / Double(1 << 24)
    }
    for (name, users) in [("train.csv", 0..<150), ("test.csv", 150..<250)] {
      var rows = ["user,price,click,buy"]
      for user in users {
        let inclination = uniform()
        for _ in 0..<(4 + user % 5) {
          let taste = uniform() - 0.5
          let rate = 1 / (1 + exp(-(5 * (inclination - 0.5) + 3 * taste)))
          let click = uniform() < rate ? 1 : 0
          let buy = uniform() < 0.2 ? "" : "\(click * (uniform() < 0.5 ? 1 : 0))"
          rows.append("u\(user),\(taste - 4 * inclination),\(click),\(buy)")
        }
      }
      // The rows of a user lie far apart in the file.
      let mixed = rows.dropFirst().enumerated().sorted {
        ($0.offset % 7, $0.offset) < ($1.offset % 7, $1.offset)
      }.map(\.element)
      _ = try bench.write((rows.prefix(1) + mixed).joined(separator: "\n") + "\n", to: name)
    }
  }

  private func experiment(
    _ loss: String, keys: String = "", batchSize: Int = 32, data: String = "", epochs: Int = 12
  ) throws -> Experiment {
    let path = try bench.write(
      """
      {
        data: { train: "train.csv", test: "test.csv", group_by: "user"\(data) },
        features: [{ name: "price", type: "numeric", normalizer: "zscore" }],
        tasks: [
          { name: "click", loss: "\(loss)"\(keys) }, { name: "buy", loss: "\(loss)"\(keys) },
        ],
        model: { type: "shared_bottom", bottom_hidden_units: [], tower_hidden_units: [] },
        training: {
          batch_size: \(batchSize), epochs: \(epochs),
          optimizer: { type: "adam", learning_rate: 0.02 },
          learning_rate_schedule: { type: "cosine", warmup_epochs: 1 },
        },
      }
      """, to: "spec.json5")
    return try Experiment(contentsOf: path)
  }

  private func groupedArea(_ run: Run) throws -> Double {
    try #require(run.metrics["click"]?["gauc"]?.value)
  }

  @Test func comparingRowsRaisesTheAreaWithinGroups() throws {
    let plain = try groupedArea(experiment("binary_cross_entropy").train())
    let pairs = try groupedArea(experiment("pairwise_logistic").train())
    let joint = try groupedArea(experiment("jrc", keys: ", jrc_alpha: 0.01").train())
    #expect(plain < 0.45 && pairs > 0.6 && joint > 0.6, "\(plain) \(pairs) \(joint)")
  }

  @Test(arguments: ["pairwise_logistic", "jrc"]) func bothModesLearnTheSame(loss: String) throws {
    let experiment = try experiment(loss, epochs: 2)
    let comparison = try experiment.compare(steps: 6)
    #expect(comparison.agrees)
    let (fast, slow) = (try experiment.train(), try experiment.train(.eager))
    for (a, b) in zip(
      try #require(fast.plan.weights), try #require(slow.plan.weights))
    {
      #expect(abs(a - b) < 1e-4)
    }
    // The plan alone trains to the same bits.
    let compiled = try experiment.compile()
    #expect(try compiled.train().plan.weights == fast.plan.weights)
  }

  /// Asks to stop after a number of steps' looks.
  private final class Stopper: Observer {
    private let left: Atomic<Int>
    init(after looks: Int) { left = Atomic(looks) }
    func receive(_ event: Event) {}
    var shouldStop: Bool { left.subtract(1, ordering: .relaxed).newValue <= 0 }
  }

  @Test(arguments: [3, 40]) func goingOnWithinAnEpochChangesNothing(looks: Int) throws {
    let experiment = try experiment("pairwise_logistic", data: ", validation_fraction: 0.2")
    let whole = try experiment.train()
    #expect(throws: ExperimentError.self) {
      try experiment.train(
        checkpoints: Checkpoints(in: bench.path), observer: Stopper(after: looks))
    }
    let run = try experiment.train(checkpoints: Checkpoints(in: bench.path, resumes: true))
    #expect(try run.plan == whole.plan)
  }

  /// Where each row is a group of its own, or all rows of a group are alike, nothing is ranked.
  @Test func groupsWithoutPairsAreTold() throws {
    let rows = (0..<200).map { "u\($0 / 4),\($0 * 37 % 101),\($0 / 4 % 2),\($0 % 2)" }
    for name in ["train.csv", "test.csv"] {
      _ = try bench.write((["user,price,click,buy"] + rows).joined(separator: "\n"), to: name)
    }
    let findings = try experiment("pairwise_logistic", epochs: 1).check()
    let told = findings.filter { $0.kind == .noPairs }
    #expect(told.map(\.subject) == ["click"])
    #expect(
      told.first?.message
        == "task click: no group of data.group_by has rows with different labels, so that the loss"
        + " pairwise_logistic has nothing to rank")
  }

  @Test func groupsLargerThanABatchAreTold() throws {
    #expect(try experiment("jrc").check().allSatisfy { $0.kind != .cutGroups })
    let small = try experiment("jrc", batchSize: 6, epochs: 1)
    let finding = try #require(try small.check().first { $0.kind == .cutGroups })
    // Of each five users one has 7 rows and one 8.
    let words = "60 groups of data.group_by have more rows than a batch, the largest 8:"
    #expect(finding.message.hasPrefix(words), "\(finding.message)")
    let recorder = Recorder()
    _ = try small.train(observer: recorder)
    let warnings = recorder.events.compactMap { event in
      if case .warning(let text) = event { text } else { nil }
    }
    #expect(warnings.filter { $0.hasPrefix(words) }.count == 1)
    // What does not compare rows does not keep them together.
    #expect(
      try experiment("focal", batchSize: 6, epochs: 1).check().allSatisfy {
        $0.kind != .cutGroups
      })
  }
}
