/// Functions made of IEEE operations alone, so that they give the same bits on every platform,
/// which the system's library does not promise.
enum PortableMath {
  /// e^x to about one unit in the last place; x is clamped to ±700.
  static func exp(_ x: Double) -> Double {
    let x = min(max(x, -700), 700)
    let k = (x * 1.4426950408889634).rounded()
    // ln 2 in two parts: the first has few enough bits that k times it is exact.
    let r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    var sum = 1.0
    for n in stride(from: 14, through: 1, by: -1) { sum = 1 + r / Double(n) * sum }
    return Double(sign: .plus, exponent: Int(k), significand: sum)
  }

  /// The sine, to about 1e-15 for |x| below 1e4.
  static func sin(_ x: Double) -> Double {
    let k = (x * 0.15915494309189535).rounded()
    // 2π in two parts, as in exp; |r| ≤ π.
    let r = (x - k * 6.2831853069365025) - k * 2.43084020260247704e-10
    var (term, sum) = (r, r)
    for n in stride(from: 2, through: 30, by: 2) {
      term *= -r * r / Double(n * (n + 1))
      sum += term
    }
    return sum
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
