import Schema

/// Writes the synthetic regression of the MMoE paper: two tasks whose relation is chosen.
///
/// J. Ma et al., KDD 2018, section 3.2. With orthonormal u1 and u2, an input x ~ N(0, I), and
///
///     w1 = u1,    w2 = p·u1 + √(1 − p²)·u2
///     y_k = w_k·x + Σ_i sin(α_i·w_k·x + β_i) + ε,    ε ~ N(0, 0.01)
///
/// the correlation of the labels rises with the cosine p. The same seed gives the same bytes
/// everywhere, and the same inputs, noise and w1 whatever p is.
package struct RegressionGenerator: Sendable {
  package var seed: UInt64
  /// p, from 0 to 1.
  package var correlation: Double
  /// The number of inputs, at least 2.
  package var inputs: Int

  /// How many waves are added up.
  private static let waves = 6
  private static let noise = 0.1

  package init(seed: UInt64 = 2026, correlation: Double, inputs: Int = 100) {
    precondition((0...1).contains(correlation) && inputs >= 2)
    self.seed = seed
    self.correlation = correlation
    self.inputs = inputs
  }

  /// `y1`, `y2`, then `x0` to the last input.
  static func columns(_ inputs: Int) -> [String] { ["y1", "y2"] + (0..<inputs).map { "x\($0)" } }

  /// Writes both files (each appears whole or not at all) and returns how well the test file's
  /// labels can be predicted at best. Throws `FileError`.
  @discardableResult
  package func write(
    train: String, test: String, trainRows: Int = 50_000, testRows: Int = 10_000
  ) throws -> [BestFit] {
    _ = try writeRows(trainRows, stream: 3, to: train)
    return try writeRows(testRows, stream: 4, to: test)
  }

  private func writeRows(
    _ count: Int, stream: UInt64, to path: String
  ) throws -> [BestFit] {
    var sums = [Sums](repeating: Sums(), count: 2)
    let weights = self.weights
    var draws = SplitMix64(seed: seed, stream: 2)
    let waves = (0..<Self.waves).map { number in
      (frequency: Double(number + 1) / 2, phase: 2 * draws.normal())
    }
    var random = SplitMix64(seed: seed, stream: stream)
    let writer = CSVWriter(try AtomicFile(path))
    try writer.header(Self.columns(inputs))
    for _ in 0..<max(0, count) {
      let x = (0..<inputs).map { _ in (random.normal() * 1e4).rounded() / 1e4 }
      let noise = [random.normal(), random.normal()]
      for (task, (w, noise)) in zip(weights, noise).enumerated() {
        let projection = zip(w, x).reduce(0) { $0 + $1.0 * $1.1 }
        let sum = waves.reduce(projection) {
          $0 + PortableMath.sin($1.frequency * projection + $1.phase)
        }
        let label = ((sum + Self.noise * noise) * 1e5).rounded() / 1e5
        writer.field(label)
        sums[task].add(label, truth: sum)
      }
      for value in x { writer.field(value) }
      try writer.endRow()
    }
    try writer.finish()
    return sums.enumerated().map { $1.fit("y\($0 + 1)") }
  }

  /// Sums over the labels and over their noise.
  private struct Sums {
    private var count = 0.0
    private var sum = 0.0
    private var squares = 0.0
    private var errors = 0.0

    mutating func add(_ label: Double, truth: Double) {
      count += 1
      sum += label
      squares += label * label
      errors += (label - truth) * (label - truth)
    }

    func fit(_ task: String) -> BestFit {
      let variance = squares / count - (sum / count) * (sum / count)
      return BestFit(task: task, mse: errors / count, r2: 1 - errors / count / variance)
    }
  }

  /// w1 and w2.
  private var weights: [[Double]] {
    var random = SplitMix64(seed: seed, stream: 1)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    func unit(_ v: [Double]) -> [Double] {
      let length = dot(v, v).squareRoot()
      return v.map { $0 / length }
    }
    let u1 = unit((0..<inputs).map { _ in random.normal() })
    let other = (0..<inputs).map { _ in random.normal() }
    let along = dot(u1, other)
    let u2 = unit(zip(other, u1).map { $0 - along * $1 })
    let across = (1 - correlation * correlation).squareRoot()
    return [u1, zip(u1, u2).map { correlation * $0 + across * $1 }]
  }
}
