import Experiments
import Testing

/// Tables that are updated by rows under a learning rate that changes.
@Suite struct SparseScheduleTests {
  /// A cosine schedule ends at a rate of 0, and 1 / 0 is in FTRL's rule.
  @Test func ftrlKeepsItsWeightsAtARateOfZero() throws {
    let bench = try Bench()
    func experiment(_ epochs: Int) throws -> Experiment {
      try bench.experiment(overrides: [
        "training.epochs": "\(epochs)", "training.batch_size": "100",
        "training.sparse_optimizer": #"{ type: "ftrl", learning_rate: 0.02 }"#,
        "training.learning_rate_schedule": #"{ type: "cosine", period_steps: 3 }"#,
      ])
    }
    #expect(try experiment(1).compare(steps: 6).agrees)
    // From the third step on nothing is learned, and nothing is lost.
    let (short, long) = (try experiment(1).train().plan, try experiment(2).train().plan)
    let weights = try #require(short.weights)
    #expect(weights.allSatisfy { $0.isFinite })
    #expect(long.weights == weights)
  }
}
