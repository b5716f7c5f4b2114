/// An average of the weights of many steps, with which a model is validated and saved in place of the
/// last step's weights. Training itself goes on from the last step's.
public enum WeightsAverage: Sendable, Hashable {
  /// The exponential moving average over steps: after step t the weights of step s count dᵗ⁻ˢ, and all
  /// together 1, so that the start values have no part in it.
  case exponential(decay: Double)
  /// Equal weights of the ends of the last epochs: stochastic weight averaging (Izmailov and others,
  /// UAI 2018). `start` is the share of the epochs before the first one that counts; the last one
  /// always does.
  case stochastic(start: Double)

  /// Whether the average counts the end of an epoch rather than each step.
  public var isOfEpochs: Bool {
    switch self {
    case .exponential: false
    case .stochastic: true
    }
  }

  /// Whether the end of an epoch counts.
  /// - Parameter epoch: From 0.
  public func counts(epoch: Int, of epochs: Int) -> Bool {
    switch self {
    case .exponential: false
    case .stochastic(let start): epoch >= min(epochs - 1, Int(start * Double(epochs)))
    }
  }

  /// The share of the newest weights in the average.
  /// - Parameter count: How many it is of, those included; at least 1.
  public func share(of count: Int) -> Double {
    guard count > 1 else { return 1 }
    return switch self {
    case .exponential(let decay): (1 - decay) / (1 - power(decay, count))
    case .stochastic: 1 / Double(count)
    }
  }

  /// A power by squaring: the same bits on every system.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, left) = (1.0, base, exponent)
    while left > 0, square > 0 {
      if left & 1 == 1 { result *= square }
      square *= square
      left >>= 1
    }
    return left > 0 ? 0 : result
  }
}
