import Schema

/// Writes a made-up bank's funnel of four steps, click → apply → credit → activate, in which a step
/// needs the one before and whose true probabilities are known. The same seed gives the same bytes
/// everywhere.
package struct FunnelGenerator: Sendable {
  package var seed: UInt64

  package init(seed: UInt64 = 2026) { self.seed = seed }

  package static let steps = ["click", "apply", "credit", "activate"]
  static let columns = steps + FunnelWorld.idColumns.map(\.name) + FunnelWorld.numberColumns

  /// Writes both files (each appears whole or not at all) and returns the best AUC that the test
  /// file allows: of each step over all rows, then of each given the one before, as
  /// `apply_given_click`. Throws `FileError`.
  package func write(
    train: String, test: String, trainRows: Int = 200_000, testRows: Int = 50_000
  ) throws -> [BestAUC] {
    let world = FunnelWorld(seed: seed)
    _ = try writeRows(trainRows, of: world, stream: 3, to: train)
    return try writeRows(testRows, of: world, stream: 4, to: test)
  }

  private func writeRows(
    _ count: Int, of world: FunnelWorld, stream: UInt64, to path: String
  ) throws -> [BestAUC] {
    var random = SplitMix64(seed: seed, stream: stream)
    let writer = CSVWriter(try AtomicFile(path))
    try writer.header(Self.columns)
    var truth: [[Double]] = []
    var reached: [Int] = []
    for _ in 0..<max(0, count) {
      let person = world.person(&random)
      let probabilities = world.conditional(person)
      var steps = 0
      while steps < probabilities.count, random.uniform() < probabilities[steps] { steps += 1 }
      for step in Self.steps.indices { writer.field(step < steps ? 1 : 0) }
      for id in person.ids { writer.field(id) }
      for number in person.numbers { writer.field(number) }
      try writer.endRow()
      truth.append(probabilities)
      reached.append(steps)
    }
    try writer.finish()
    return Self.best(truth, reached)
  }

  /// - Parameters:
  ///   - truth: Of each row the probability of each step given the one before.
  ///   - reached: How many steps each row took.
  private static func best(_ truth: [[Double]], _ reached: [Int]) -> [BestAUC] {
    func best(_ name: String, _ rows: [Int], _ step: Int, _ score: (Int) -> Double) -> BestAUC {
      BestAUC(name, rows.map(score), rows.map { reached[$0] > step })
    }
    let all = Array(reached.indices)
    let marginal = steps.indices.map { step in
      best(steps[step], all, step) { truth[$0][...step].reduce(1, *) }
    }
    let conditional = steps.indices.dropFirst().map { step in
      best("\(steps[step])_given_\(steps[step - 1])", all.filter { reached[$0] >= step }, step) {
        truth[$0][step]
      }
    }
    return marginal + conditional
  }
}
