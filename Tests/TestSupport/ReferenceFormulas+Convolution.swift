import GraphIR
import TensorTypes

extension ConvolutionOp {
  func reference(_ operands: [ReferenceTensor], _ sizes: [Int]) -> ReferenceTensor {
    let (a, b) = (operands[0], operands[operands.count - 1])
    switch self {
    case .conv2d(let form):
      return ReferenceTensor(sizes) { y in
        var sum = 0.0
        ReferenceTensor.forEachIndex(Array(b.sizes.prefix(3))) { w in
          let place = [y[0], form.place(y[1], w[0]), form.place(y[2], w[1]), w[2]]
          if a.contains(place) { sum += a[place] * b[w + [y[3]]] }
        }
        return sum
      }
    case .inputGradient(let form, _, _):
      return ReferenceTensor(sizes) { x in
        var sum = 0.0
        ReferenceTensor.forEachIndex(b.sizes) { y in
          for row in 0..<a.sizes[0] where y[0] == x[0] && form.place(y[1], row) == x[1] {
            for column in 0..<a.sizes[1] where form.place(y[2], column) == x[2] {
              sum += a[[row, column, x[3], y[3]]] * b[y]
            }
          }
        }
        return sum
      }
    case .filterGradient(let form, _, _):
      return ReferenceTensor(sizes) { w in
        var sum = 0.0
        ReferenceTensor.forEachIndex(Array(b.sizes.prefix(3))) { y in
          let place = [y[0], form.place(y[1], w[0]), form.place(y[2], w[1]), w[2]]
          if a.contains(place) { sum += a[place] * b[y + [w[3]]] }
        }
        return sum
      }
    case .poolIndices(let form):
      return ReferenceTensor(sizes) { y in
        let window = (0..<form.window * form.window).map { a[form.place(y, $0)] }
        return Double(window.firstIndex(of: window.max() ?? 0) ?? 0)
      }
    case .poolGather(let form):
      return ReferenceTensor(sizes) { y in a[form.place(y, Int(b[y]))] }
    case .poolScatter(let form, _, _):
      var result = ReferenceTensor(sizes, repeating: 0)
      ReferenceTensor.forEachIndex(b.sizes) { y in
        result[form.place(y, Int(a[y]))] += b[y]
      }
      return result
    }
  }
}

extension ConvolutionForm {
  /// The row (or column) of the image under a row of the filter.
  fileprivate func place(_ result: Int, _ filter: Int) -> Int { stride * result + filter - padding }
}

extension PoolingForm {
  /// The element of the image that an index names.
  fileprivate func place(_ result: [Int], _ index: Int) -> [Int] {
    [
      result[0], result[1] * stride + index / window, result[2] * stride + index % window,
      result[3],
    ]
  }
}

extension ReferenceTensor {
  fileprivate func contains(_ index: [Int]) -> Bool {
    zip(index, sizes).allSatisfy { (0..<$1).contains($0) }
  }
}
