import Foundation
import GraphIR

extension GroupOp {
  func reference(_ operands: [ReferenceTensor], _ sizes: [Int]) -> ReferenceTensor {
    let groups = operands[operands.count - 1]
    func number(_ row: Int) -> [Double] { [groups[[row, 0]], groups[[row, 1]]] }
    /// Whether all rows from the first to the last have one number that is not 0.
    func areTogether(_ i: Int, _ j: Int) -> Bool {
      i == j
        || number(i) != [0, 0]
          && (min(i, j)...max(i, j)).allSatisfy { number($0) == number(i) }
    }
    let rows = 0..<sizes[0]
    let x = operands[0]
    switch self {
    case .combine(let kind):
      return ReferenceTensor(sizes) { index in
        let members = rows.filter { areTogether(index[0], $0) }.map { x[[$0, index[1]]] }
        return switch kind {
        case .sum: members.reduce(0, +)
        case .max: members.max() ?? 0
        }
      }
    case .pairs(let function, let side):
      let (z, y) = (operands[1].elements, operands[2].elements)
      return ReferenceTensor(sizes) { index in
        let i = index[0]
        return rows.reduce(0) { total, j in
          let (upper, lower) = side == .lower ? (i, j) : (j, i)
          guard areTogether(i, j), y[upper] > y[lower] else { return total }
          return total + x.elements[j] * function.reference(z[upper] - z[lower])
        }
      }
    }
  }
}

extension GroupOp.PairFunction {
  fileprivate func reference(_ d: Double) -> Double {
    switch self {
    case .count: 1
    case .logistic: log(1 + exp(-d))
    case .slope: -1 / (1 + exp(d))
    case .curvature: 1 / ((1 + exp(d)) * (1 + exp(-d)))
    }
  }
}
