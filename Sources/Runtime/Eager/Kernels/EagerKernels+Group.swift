import GraphIR

extension EagerKernels {
  static func group(_ op: GroupOp, _ operands: [Tensor], _ sizes: [Int]) -> Storage {
    let values = operands[0].floats
    var result = [Scalar](repeating: 0, count: values.count)
    switch op {
    case .combine(let kind):
      let width = sizes[1]
      for rows in groupRanges(operands[1].ids) {
        for column in 0..<width {
          let places = stride(
            from: rows.lowerBound * width + column, to: rows.upperBound * width, by: width)
          let combined: Scalar =
            switch kind {
            case .sum: Scalar(places.reduce(0.0) { $0 + Double(values[$1]) })
            case .max: places.reduce(-Scalar.infinity) { larger($0, values[$1]) }
            }
          for place in places { result[place] = combined }
        }
      }
    case .pairs(let function, let side):
      let (scores, labels) = (operands[1].floats, operands[2].floats)
      for rows in groupRanges(operands[3].ids) {
        for i in rows {
          var total = 0.0
          for j in rows {
            let (upper, lower) = side == .lower ? (i, j) : (j, i)
            guard labels[upper] > labels[lower] else { continue }
            total += Double(values[j] * pairFunction(function, scores[upper] - scores[lower]))
          }
          result[i] = Scalar(total)
        }
      }
    }
    return .floats(result)
  }

  /// The rows of each group by the halves of their numbers.
  static func groupRanges(_ halves: [Int32]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for row in 0..<halves.count / 2 {
      let number = halves[2 * row..<2 * row + 2]
      let isOfGroup = number.contains { $0 != 0 }
      if row > 0, isOfGroup, number.elementsEqual(halves[2 * row - 2..<2 * row]) {
        ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<row + 1
      } else {
        ranges.append(row..<row + 1)
      }
    }
    return ranges
  }

  private static func pairFunction(_ function: GroupOp.PairFunction, _ d: Scalar) -> Scalar {
    switch function {
    case .count: 1
    case .logistic: Swift.max(-d, 0) + Scalar.log1p(Scalar.exp(-Swift.abs(d)))
    case .slope: -sigmoid(-d)
    case .curvature: sigmoid(d) * sigmoid(-d)
    }
  }
}
