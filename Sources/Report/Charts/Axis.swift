import Schema

/// A range of numbers with marks at round ones.
package struct Axis {
  package let low: Double
  package let high: Double
  package let ticks: [Double]
  /// Whether equal factors are equally far apart, not equal differences.
  var isLogarithmic = false

  /// - Parameters:
  ///   - values: The numbers that must lie within; none gives 0 to 1.
  ///   - count: About how many marks there are.
  ///   - leastStep: From one mark to the next; 1 for what is counted, as epochs are.
  package init(_ values: [Double], count: Int = 5, leastStep: Double = 0) {
    let finite = values.filter(\.isFinite)
    var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    if low == high {
      let half = max(abs(low) * 0.1, 0.5)
      (low, high) = (low - half, high + half)
    }
    let step = max(leastStep, Self.step((high - low) / Double(max(1, count))))
    low = (low / step).rounded(.down) * step
    high = (high / step).rounded(.up) * step
    self.init(low...high, step: step)
  }

  init(_ range: ClosedRange<Double>, step: Double) {
    (low, high) = (range.lowerBound, range.upperBound)
    let count = Int(min(20, ((high - low) / step).rounded()))
    ticks = (0...max(0, count)).map { range.lowerBound + Double($0) * step }
  }

  /// A range of positive numbers over powers of ten, marked at these or, where there are few, at 2 and 5 times
  /// them too.
  package static func logarithmic(_ range: ClosedRange<Double>) -> Axis {
    let powers =
      Int(
        log10(range.lowerBound).rounded(.down))...Int(
        log10(range.upperBound).rounded(.up))
    let marks = powers.flatMap { power in [1, 2, 5].map { $0 * pow(10, Double(power)) } }
    let low = marks.last { $0 <= range.lowerBound * 1.0001 } ?? range.lowerBound
    let high = marks.first { $0 >= range.upperBound * 0.9999 } ?? range.upperBound
    let within = marks.filter { $0 >= low && $0 <= high }
    let tens = powers.map { pow(10, Double($0)) }.filter { $0 >= low && $0 <= high }
    let step = (tens.count + 5) / 6
    return Axis(
      low: low, high: high,
      ticks: within.count <= 6
        ? within
        : tens.enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element),
      isLogarithmic: true)
  }

  private init(low: Double, high: Double, ticks: [Double], isLogarithmic: Bool) {
    (self.low, self.high, self.ticks, self.isLogarithmic) = (low, high, ticks, isLogarithmic)
  }

  /// 0 to 1.
  static let share = Axis(0...1, step: 0.25)

  /// 1, 2 or 5 times a power of ten, at least a width.
  private static func step(_ width: Double) -> Double {
    let power = pow(10, log10(width).rounded(.down))
    let factors: [Double] = [1, 2, 5]
    return power * (factors.first { $0 * power >= width * 0.999 } ?? 10)
  }

  /// Where a number lies, from 0 to 1.
  package func place(_ value: Double) -> Double {
    guard high > low else { return 0.5 }
    let place =
      isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return max(0, min(1, place))
  }

  /// The mark's text, with as many decimals as tell the marks apart.
  package func text(_ value: Double) -> String {
    if isLogarithmic { return NumberText.plain(value) }
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
    if abs(value) >= 1e6 || (step < 1e-4 && value != 0) { return NumberText.short(value) }
    var decimals = 0
    while decimals < 5,
      abs(step * Self.tens[decimals] - (step * Self.tens[decimals]).rounded()) > 1e-6
    {
      decimals += 1
    }
    return NumberText.fixed(value, decimals)
  }

  private static let tens: [Double] = [1, 10, 100, 1e3, 1e4, 1e5]
}
