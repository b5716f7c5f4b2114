import Foundation
import GraphIR
import TensorTypes

// The formulas of the ops that cannot fail, one element at a time.

extension ElementwiseOp {
  func reference(_ operands: [ReferenceTensor], _ sizes: [Int]) -> ReferenceTensor {
    ReferenceTensor(sizes) { index in
      func x(_ operand: Int) -> Double { operands[operand].broadcastElement(index) }
      switch self {
      case .unary(let kind): return kind.reference(x(0))
      case .binary(let kind): return kind.reference(x(0), x(1))
      case .compare(let kind): return kind.reference(x(0), x(1)) ? 1 : 0
      case .select: return x(0) != 0 ? x(1) : x(2)
      case .convertToFloat, .stopGradient: return x(0)
      case .isPresent: return x(0) >= 0 ? 1 : 0
      }
    }
  }
}

extension ElementwiseOp.Unary {
  /// Whether it is finite on both sides of 0 and at 0; the others are tried where x is positive.
  public var isDefinedEverywhere: Bool { [-1, 0, 1].allSatisfy { reference($0).isFinite } }

  public func reference(_ x: Double) -> Double {
    switch self {
    case .neg: -x
    case .exp: Foundation.exp(x)
    case .log: Foundation.log(x)
    case .log1p: Foundation.log1p(x)
    case .sqrt: x.squareRoot()
    case .rsqrt: 1 / x.squareRoot()
    case .reciprocal: 1 / x
    case .square: x * x
    case .abs: Swift.abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
    case .relu: Swift.max(x, 0)
    case .step: x > 0 ? 1 : 0
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .tanh: Foundation.tanh(x)
    case .softplus: Swift.max(x, 0) + Foundation.log1p(Foundation.exp(-Swift.abs(x)))
    case .sin: Foundation.sin(x)
    case .cos: Foundation.cos(x)
    }
  }
}

extension ElementwiseOp.Binary {
  fileprivate func reference(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .sub: a - b
    case .mul: a * b
    case .div: a / b
    case .max: Swift.max(a, b)
    case .min: Swift.min(a, b)
    }
  }
}

extension ElementwiseOp.Comparison {
  fileprivate func reference(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessEqual: a <= b
    case .greater: a > b
    case .greaterEqual: a >= b
    }
  }
}

extension LayoutOp {
  func reference(_ operands: [ReferenceTensor], _ sizes: [Int]) -> ReferenceTensor {
    let x = operands[0]
    switch self {
    case .reshape: return ReferenceTensor(sizes, x.elements)
    case .broadcast: return ReferenceTensor(sizes, x.broadcastElement)
    case .transpose(let permutation):
      return ReferenceTensor(sizes) { index in
        var source = index
        for (axis, from) in permutation.enumerated() { source[from] = index[axis] }
        return x[source]
      }
    case .concat(let axis):
      return ReferenceTensor(sizes) { index in
        var source = index
        for part in operands {
          if source[axis] < part.sizes[axis] { return part[source] }
          source[axis] -= part.sizes[axis]
        }
        return .nan
      }
    case .slice(let axis, let start, _):
      return ReferenceTensor(sizes) { index in
        var source = index
        source[axis] += start
        return x[source]
      }
    case .pad(let axis, let before, _):
      return ReferenceTensor(sizes) { index in
        var source = index
        source[axis] -= before
        return (0..<x.sizes[axis]).contains(source[axis]) ? x[source] : 0
      }
    }
  }
}

extension ReductionOp {
  func reference(_ x: ReferenceTensor, _ sizes: [Int]) -> ReferenceTensor {
    switch self {
    case .reduce(let kind, let axes, let keepAxes):
      let start: Double =
        switch kind {
        case .sum: 0
        case .max: -.infinity
        case .min: .infinity
        }
      var result = ReferenceTensor(sizes, repeating: start)
      ReferenceTensor.forEachIndex(x.sizes) { index in
        let place = index.enumerated().compactMap { axis, position in
          axes.contains(axis) ? (keepAxes ? 0 : nil) : position
        }
        switch kind {
        case .sum: result[place] += x[index]
        case .max: result[place] = max(result[place], x[index])
        case .min: result[place] = min(result[place], x[index])
        }
      }
      return result
    case .softmax:
      let width = x.sizes[x.sizes.count - 1]
      return ReferenceTensor(sizes) { index in
        let row = (0..<width).map { x[index.dropLast() + [$0]] }
        let top = row.max() ?? 0
        return exp(x[index] - top) / row.reduce(0) { $0 + exp($1 - top) }
      }
    }
  }
}

extension MatrixOp {
  func reference(_ operands: [ReferenceTensor], _ sizes: [Int]) -> ReferenceTensor {
    switch self {
    case .matmul(let transposeA, let transposeB):
      let form = LinearForm(transposeA: transposeA, transposeB: transposeB)
      return ReferenceTensor(sizes) { form.product(operands, $0) }
    case .linear(let form):
      return ReferenceTensor(sizes) { form.reference(operands, $0, sizes) }
    }
  }
}

extension LinearForm {
  /// An element of the product; with groups, from the blocks of columns or slabs of its group.
  fileprivate func product(_ operands: [ReferenceTensor], _ index: [Int]) -> Double {
    let (a, b) = (operands[0], operands[1])
    let isWeightGradient = groups > 1 && transposeA
    let rank = index.count
    let columns = groups > 1 && !isWeightGradient ? b.sizes[transposeB ? 1 : 2] : 0
    let group = groups == 1 ? 0 : isWeightGradient ? index[0] : index[1] / columns
    let i = index[rank - 2]
    let j = groups > 1 && !isWeightGradient ? index[1] % columns : index[rank - 1]
    let inner = transposeA ? a.sizes[0] : a.sizes[1] / groups
    var sum = 0.0
    for k in 0..<inner {
      let block = group * (a.sizes[1] / groups)
      let left = transposeA ? a[[k, block + i]] : a[[i, block + k]]
      let right: Double
      if groups == 1 {
        right = transposeB ? b[[j, k]] : b[[k, j]]
      } else if isWeightGradient {
        right = b[[k, group * (b.sizes[1] / groups) + j]]
      } else {
        right = transposeB ? b[[group, j, k]] : b[[group, k, j]]
      }
      sum += left * right
    }
    return sum
  }

  fileprivate func reference(
    _ operands: [ReferenceTensor], _ index: [Int], _ sizes: [Int]
  ) -> Double {
    var z = product(operands, index)
    if let place = biasOperand { z += operands[place][[index[1]]] }
    if let place = addendOperand { z += operands[place][index] }
    if let columns = activationColumns, !columns.contains(index[1] % (sizes[1] / groups)) {
      return z
    }
    switch activation {
    case nil: break
    case .relu: z = max(z, 0)
    case .sigmoid: z = 1 / (1 + exp(-z))
    case .tanh: z = tanh(z)
    }
    guard let factor = gradientOf, let place = outputOperand else { return z }
    let y = operands[place][index]
    return switch factor {
    case .relu: y > 0 ? z : 0
    case .sigmoid: z * y * (1 - y)
    case .tanh: z * (1 - y * y)
    }
  }
}
