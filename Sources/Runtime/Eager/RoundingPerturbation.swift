import GraphIR

/// Moves results of the eager engine by as much as single precision rounds them. How far a gradient
/// goes with them is how far rounding may carry it on any processor, whatever happens to it on the
/// way: cancellation, a division by a small deviation, inner steps.
///
/// A sum of n products in single precision is off by up to u·√n of the sum of their magnitudes where
/// the roundings are independent, with u = 2⁻²⁴ (N. J. Higham, T. Mary, SIAM J. Sci. Comput. 41,
/// 2019): what cancels in the end was large on the way, as the positions of an image with a background
/// of one color are. So each sum is moved by u·√n of its magnitudes, up or down at random, and each
/// result of another op that rounds by a few u, as elementary functions are off by.
package struct RoundingPerturbation {
  package static let unit = 0x1p-24
  /// Elementary functions and quotients are off by up to this many units.
  private static let functionUnits = 4.0
  /// The longest sum so far.
  package private(set) var longestSum = 1
  private var random: UInt64

  /// - Parameters:
  ///   - seed: Of a step.
  ///   - draw: Which of the draws for it, from 0.
  package init(seed: UInt64, draw: Int = 0) {
    // Mixed, since the first numbers of a small state are alike: the finalizer of SplitMix64 (G. L.
    // Steele et al., OOPSLA 2014).
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(draw) &* 0xD1B5_4A32_D192_ED03
    state = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ state >> 27) &* 0x94D0_49BB_1331_11EB
    random = state ^ state >> 31 | 1
  }

  /// As `Scalar.evaluate`, moved. Single precision would round that away, and stays as it is.
  mutating func evaluate<Scalar: EagerScalar>(
    _ op: Op, _ operands: [EagerTensor<Scalar>], resultSizes: [Int]
  ) throws -> EagerStorage<Scalar> {
    if let doubles = operands as? [EagerTensor<Double>],
      let result = try moved(op, doubles, resultSizes) as? EagerStorage<Scalar>
    {
      return result
    }
    return try Scalar.evaluate(op, operands, resultSizes: resultSizes)
  }

  private mutating func moved(
    _ op: Op, _ operands: [EagerTensor<Double>], _ resultSizes: [Int]
  ) throws -> EagerStorage<Double> {
    let result = try Double.evaluate(op, operands, resultSizes: resultSizes)
    guard let terms = Self.terms(op, operands, resultSizes) else { return result }
    longestSum = max(longestSum, terms)
    let share = Self.unit * Double(terms).squareRoot()
    let isOfFunctions = Self.addsFunctions(op)
    guard terms > 1, Self.isSum(op) else {
      let units = max(share, Self.functionUnits * Self.unit)
      return .floats(move(result.floats, by: units, of: result.floats))
    }
    let magnitudes = operands.enumerated().map { place, x in
      // Functions of the other operands keep their sign over all terms.
      guard x.type.dtype == .f32, !isOfFunctions || place == 0 else { return x }
      return EagerTensor(
        id: x.id, type: x.type, sizes: x.sizes, storage: .floats(x.floats.map(\.magnitude)))
    }
    let sums = try Double.evaluate(op, magnitudes, resultSizes: resultSizes)
    let units = isOfFunctions ? max(share, Self.functionUnits * Self.unit) : share
    return .floats(move(result.floats, by: units, of: sums.floats))
  }

  /// Whether an element of the result is a sum of products of elements.
  private static func isSum(_ op: Op) -> Bool {
    if case .reduction(.softmax) = op { false } else { true }
  }

  /// Whether the terms of a sum are elements of the first operand times functions of the others.
  private static func addsFunctions(_ op: Op) -> Bool {
    if case .group(.pairs) = op { true } else { false }
  }

  /// How many terms an element of the result is the sum of; nil for ops that round nothing.
  private static func terms(
    _ op: Op, _ x: [EagerTensor<Double>], _ result: [Int]
  ) -> Int? {
    func units(_ sizes: [Int]) -> Int { max(1, sizes.last ?? 1) }
    switch op {
    case .elementwise(let op):
      switch op {
      case .unary(let function): return function.formula.isRounded ? 1 : nil
      case .binary(let kind):
        switch kind {
        case .add, .sub, .mul, .div: return 1
        case .max, .min: return nil
        }
      case .compare, .select, .convertToFloat, .isPresent, .stopGradient: return nil
      }
    case .reduction(.reduce(.sum, _, _)):
      return max(1, x[0].count / max(1, elementCount(result)))
    case .reduction(.softmax): return units(x[0].sizes)
    case .matrix(.matmul(let transposeA, _)): return max(1, x[0].sizes[transposeA ? 0 : 1])
    case .lookup(.scatterAdd): return max(1, x[0].count)
    case .convolution(let op):
      switch op {
      case .conv2d: return max(1, x[1].count / units(x[1].sizes))
      case .inputGradient: return max(1, x[0].count / units(result))
      case .filterGradient: return max(1, x[1].count / units(x[1].sizes))
      case .poolScatter: return 1
      case .poolIndices, .poolGather: return nil
      }
    case .group(.combine(.max)): return nil
    case .group(.combine(.sum)), .group(.pairs):
      return x.last.flatMap { EagerKernels<Double>.groupRanges($0.ids).map(\.count).max() } ?? 1
    case .source, .effect, .layout, .reduction, .matrix, .lookup, .fused: return nil
    }
  }

  /// A number that is computed outside of the ops, moved as the result of one.
  /// - Parameters:
  ///   - magnitude: The sum of the magnitudes of its terms.
  ///   - terms: How many numbers it is the sum of.
  mutating func moved<Scalar: EagerScalar>(
    _ value: Scalar, of magnitude: Double, terms: Int = 1
  ) -> Scalar {
    let units = max(Double(max(1, terms)).squareRoot(), Self.functionUnits)
    return Scalar(Double(value) + magnitude * units * Self.unit * nextSign())
  }

  /// Each value and, up or down, a share of a magnitude.
  private mutating func move(
    _ values: [Double], by share: Double, of magnitudes: [Double]
  ) -> [Double] {
    var values = values
    for k in values.indices { values[k] += magnitudes[k].magnitude * share * nextSign() }
    return values
  }

  /// 1 or −1 (G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003).
  private mutating func nextSign() -> Double {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random >> 63 == 0 ? 1 : -1
  }
}
