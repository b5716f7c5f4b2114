import GraphIR
import TensorTypes

/// Finds rows of a batch at which some op is within rounding of a kink: an argument of relu, say,
/// that is almost zero. There the derivative jumps, so that two correct computations that round
/// differently have different gradients, and comparing them says nothing.
final class KinkFinder {
  /// Nearer than this share of a tensor's largest magnitude counts as at the kink. Far above the
  /// rounding of the two modes, and far below what leaves too few rows.
  static let margin: Double = 1e-5

  private(set) var rows: Set<Int> = []
  /// Those of the batch that are looked at.
  private var range = 0..<0

  /// - Parameter rows: Which rows of the batch the operands are of.
  func look(_ op: Op, _ operands: [EagerTensor<Double>], rows: Range<Int>) {
    range = rows
    guard case .elementwise(let op) = op, let first = operands.first else { return }
    switch op {
    case .unary(let kind): if kind.hasKink { look(first.type, first.floats) }
    case .binary(let kind): if kind.hasKink { compare(operands) }
    case .compare: compare(operands)
    case .select, .convertToFloat, .isPresent, .stopGradient: break
    }
  }

  /// The kink lies where both operands are equal.
  private func compare(_ operands: [EagerTensor<Double>]) {
    guard operands.count == 2 else { return }
    let (a, b) = (operands[0], operands[1])
    if a.count == b.count {
      look(a.type, zip(a.floats, b.floats).map { $0 - $1 })
    } else if let limit = b.scalar {
      look(a.type, a.floats.map { $0 - limit })
    } else if let limit = a.scalar {
      look(b.type, b.floats.map { $0 - limit })
    }
  }

  /// Exact zeros stay: they come from sums without terms, which round nowhere.
  private func look(_ type: TensorType, _ values: [Double]) {
    guard type.shape.batchAxis == 0, !range.isEmpty, !values.isEmpty else { return }
    let width = values.count / range.count
    let limit = Self.margin * (values.lazy.map { abs($0) }.max() ?? 0)
    for (index, value) in values.enumerated() where value != 0 && abs(value) < limit {
      rows.insert(range.lowerBound + index / max(1, width))
    }
  }
}
