/// The made-up bank that `FunnelGenerator` draws from: its customers, and how likely each of them is to
/// take the next step. Everything is drawn from the seed.
struct FunnelWorld {
  struct Person {
    /// One id for each of `idColumns`.
    var ids: [Int]
    /// One number for each of `numberColumns`, with two decimals.
    var numbers: [Double]
  }

  static let idColumns: [(name: String, count: Int)] = [
    ("channel", 5), ("device", 3), ("region", 8), ("occupation", 6), ("segment", 4), ("offer", 5),
  ]
  static let numberColumns = ["age", "income", "tenure", "score"]
  /// The mean probability of each step given the one before.
  static let rates = [0.75, 0.75, 0.75, 0.7]

  /// By step, column and id.
  private var effects: [[[Double]]] = []
  /// By step and number.
  private var slopes: [[Double]] = []
  /// By step and segment: how much more `score` counts there.
  private var segmentSlopes: [[Double]] = []
  private var biases = [Double](repeating: 0, count: FunnelWorld.rates.count)
  private let choices: [WeightedChoice]

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed, stream: 1)
    choices = Self.idColumns.map { column in
      WeightedChoice((0..<column.count).map { 1 / Double($0 + 3) })
    }
    for step in Self.rates.indices {
      // Part of what moves a step is what moved the one before.
      func drawn(_ before: Double?, _ scale: Double) -> Double {
        let new = random.normal() * scale
        return before.map { 0.5 * $0 + 0.85 * new } ?? new
      }
      let last = step - 1
      effects.append(
        Self.idColumns.enumerated().map { column, declared in
          (0..<declared.count).map { drawn(last < 0 ? nil : effects[last][column][$0], 0.45) }
        })
      slopes.append(
        Self.numberColumns.indices.map { drawn(last < 0 ? nil : slopes[last][$0], 0.35) })
      segmentSlopes.append(
        (0..<Self.idColumns[Self.segment].count).map {
          drawn(last < 0 ? nil : segmentSlopes[last][$0], 0.15)
        })
    }
    calibrate(seed: seed)
  }

  private static let segment = 4
  private static let score = 3

  func person(_ random: inout SplitMix64) -> Person {
    let ids = choices.map { $0.pick(&random) }
    let numbers = Self.numberColumns.map { _ in
      (max(-3, min(3, random.normal())) * 100).rounded() / 100
    }
    return Person(ids: ids, numbers: numbers)
  }

  private func logit(_ step: Int, _ person: Person) -> Double {
    var sum = biases[step]
    for (column, id) in person.ids.enumerated() { sum += effects[step][column][id] }
    for (column, number) in person.numbers.enumerated() { sum += slopes[step][column] * number }
    return sum + segmentSlopes[step][person.ids[Self.segment]] * person.numbers[Self.score]
  }

  /// The probability of each step given the one before.
  func conditional(_ person: Person) -> [Double] {
    Self.rates.indices.map { PortableMath.sigmoid(logit($0, person)) }
  }

  /// Sets the biases so that the mean probabilities among those who get to a step are the rates.
  private mutating func calibrate(seed: UInt64) {
    var random = SplitMix64(seed: seed, stream: 2)
    let pilot = (0..<4000).map { _ in person(&random) }
    var weights = pilot.map { _ in 1.0 }
    for step in Self.rates.indices {
      let logits = pilot.map { logit(step, $0) }
      let total = weights.reduce(0, +)
      var (low, high) = (-12.0, 12.0)
      for _ in 0..<50 {
        let middle = (low + high) / 2
        let mean =
          zip(weights, logits).reduce(0) { $0 + $1.0 * PortableMath.sigmoid($1.1 + middle) }
          / total
        if mean < Self.rates[step] { low = middle } else { high = middle }
      }
      biases[step] = (low + high) / 2
      for (k, logit) in logits.enumerated() {
        weights[k] *= PortableMath.sigmoid(logit + biases[step])
      }
    }
  }
}
