/// The random numbers of the project: SplitMix64 (Steele, Lea and Flood, 2014).
///
/// Number n of a stream is a mix of `key + n · 0x9E3779B97F4A7C15`, so any number can be had without
/// those before it, and the same seed gives the same numbers on every platform.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// An independent stream of a seed: epoch, worker, column …
  package init(seed: UInt64, stream: UInt64) {
    state = Self.mix(Self.mix(seed &+ Self.step) ^ Self.mix(stream &* Self.step &+ 1))
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  @inline(__always)
  package mutating func next() -> UInt64 {
    state = state &+ Self.step
    return Self.mix(state)
  }

  /// Uniform in [0, 1), a multiple of 2^−53.
  @inline(__always)
  package mutating func uniform() -> Double {
    Double(next() &>> 11) * 0x1p-53
  }

  /// Uniform in `0..<bound`, without bias (Lemire, 2019); `bound` is positive.
  @inline(__always)
  package mutating func below(_ bound: Int) -> Int {
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// Nearly normal with mean 0 and variance 1: the sum of twelve uniform numbers, less 6. It uses
  /// no library function, so it gives the same bits everywhere; its tails end at ±6.
  package mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }
}
