import Schema

/// Dynamic weight averaging between two epochs: everything that it goes by is parameters, so that
/// it goes on after a resume as if nothing had happened.
struct DynamicWeightAverage {
  let temperature: Double

  /// Nil for any other weighting.
  init?(_ weighting: TaskWeighting) {
    guard case .dynamicAverage(let temperature) = weighting else { return nil }
    self.temperature = temperature
  }

  /// Sets the weights of the next epoch from the losses of the one that ended.
  /// - Parameter rows: of that epoch.
  func endEpoch(_ engine: any TrainingEngine, rows: Int) throws {
    let sums = try engine.parameter(TaskWeighting.lossSumsParameter)
    let last = try engine.parameter(TaskWeighting.lastLossesParameter)
    let means = sums.map { Double($0) / Double(max(1, rows)) }
    if last.contains(where: { $0 != 0 }) {
      let weights = Self.weights(losses: means, last: last.map(Double.init), temperature)
      try engine.setParameter(TaskWeighting.weightsParameter, weights.map { Float($0) })
    }
    try engine.setParameter(TaskWeighting.lastLossesParameter, means.map { Float($0) })
    try engine.setParameter(
      TaskWeighting.lossSumsParameter, [Float](repeating: 0, count: sums.count))
  }

  /// K·softmax(r / temperature) with r_k = losses_k / last_k.
  static func weights(losses: [Double], last: [Double], _ temperature: Double) -> [Double] {
    let ratios = zip(losses, last).map { $0 / max($1, 1e-12) / temperature }
    let largest = ratios.max() ?? 0
    let powers = ratios.map { Double.exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { Double(powers.count) * $0 / total }
  }
}
