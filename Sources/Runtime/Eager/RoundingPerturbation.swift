import GraphIR

/// Moves results of the eager engine by as much as single precision rounds them. How far a gradient
/// goes with them is how far rounding may carry it on any processor, whatever happens to it on the
/// way: cancellation, a division by a small deviation, inner steps.
///
/// A sum of n products in single precision loses up to u·√n of its terms where the roundings are
/// independent, with u = 2⁻²⁴ (N. J. Higham, T. Mary, SIAM J. Sci. Comput. 41, 2019). So each term
/// of a sum is moved by a random share of up to u·√n, and each result of another op that rounds by a
/// few u, as elementary functions are off by.
struct RoundingPerturbation {
  static let unit = 0x1p-24
  /// Elementary functions and quotients are off by up to this many units.
  private static let functionUnits = 4.0
  /// The longest sum so far.
  private(set) var longestSum = 1
  private var random: UInt64

  init(seed: UInt64) { random = seed &* 2 | 1 }

  /// As `Scalar.evaluate`, moved.
  mutating func evaluate<Scalar: EagerScalar>(
    _ op: Op, _ operands: [EagerTensor<Scalar>], resultSizes: [Int]
  ) throws -> EagerStorage<Scalar> {
    guard let terms = Self.terms(op, operands, resultSizes) else {
      return try Scalar.evaluate(op, operands, resultSizes: resultSizes)
    }
    longestSum = max(longestSum, terms)
    let share = Self.unit * Double(terms).squareRoot()
    var moved = operands
    if terms > 1 {
      for (place, x) in operands.enumerated() where x.type.dtype == .f32 {
        moved[place] = EagerTensor(
          id: x.id, type: x.type, sizes: x.sizes, storage: .floats(move(x.floats, by: share)))
      }
    }
    let result = try Scalar.evaluate(op, moved, resultSizes: resultSizes)
    return .floats(move(result.floats, by: max(share, Self.functionUnits * Self.unit)))
  }

  /// How many terms an element of the result is the sum of; nil for ops that round nothing.
  private static func terms<Scalar>(
    _ op: Op, _ x: [EagerTensor<Scalar>], _ result: [Int]
  ) -> Int? {
    func units(_ sizes: [Int]) -> Int { max(1, sizes.last ?? 1) }
    switch op {
    case .elementwise(let op):
      switch op {
      case .unary(let kind):
        switch kind {
        case .exp, .log, .log1p, .sqrt, .rsqrt, .reciprocal, .square, .sigmoid, .tanh, .softplus:
          return 1
        case .neg, .abs, .sign, .relu, .step: return nil
        }
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
    case .source, .effect, .layout, .reduction, .matrix, .lookup, .fused: return nil
    }
  }

  /// Each value times 1 + a random number of at most `share`. Single precision would round that away,
  /// and stays as it is.
  private mutating func move<Scalar: EagerScalar>(_ values: [Scalar], by share: Double) -> [Scalar]
  {
    // The casts cost nothing, and the loop is compiled for the concrete type.
    guard var doubles = values as? [Double] else { return values }
    var state = random
    for k in doubles.indices {
      // G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003.
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      doubles[k] *= 1 + share * (Double(Int64(bitPattern: state)) * 0x1p-63)
    }
    random = state
    return doubles as? [Scalar] ?? values
  }
}
