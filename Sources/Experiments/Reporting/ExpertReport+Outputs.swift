import Schema

extension GateReport {
  /// What a gate's weights over rows show.
  init(_ gate: ModelProbe.Gate, _ weights: ProbeRun.Matrix) {
    let (rows, count) = (max(1, weights.rows), weights.columns)
    var sums = [Double](repeating: 0, count: count)
    var squares = sums
    var entropy = 0.0
    for row in 0..<weights.rows {
      for k in 0..<count {
        let weight = Double(weights.values[row * count + k])
        sums[k] += weight
        squares[k] += weight * weight
        if weight > 0 { entropy -= weight * log(weight) }
      }
    }
    let means = sums.map { $0 / Double(rows) }
    self.init(
      name: gate.name, experts: gate.experts, weights: means,
      entropy: count > 1 ? entropy / Double(rows) / log(Double(count)) : 0,
      deviations: zip(means, squares).map { mean, square in
        max(0, square / Double(rows) - mean * mean).squareRoot()
      })
  }
}

extension ExpertReport {
  /// nil for a single expert, which is like no other.
  /// - Parameter outputs: Of the first members.
  init?(_ name: String, _ members: [ModelProbe.Expert], _ outputs: [ProbeRun.Matrix]) {
    guard outputs.count > 1 else { return nil }
    let centred = outputs.map(Self.centred)
    let norms = centred.concurrentMap { Self.crossNorm($0, $0) }
    let pairs = outputs.indices.flatMap { i in outputs.indices[..<i].map { (i, $0) } }
    let crosses = pairs.concurrentMap { Self.crossNorm(centred[$0.0], centred[$0.1]) }
    var similarity = [[Double]](
      repeating: [Double](repeating: 1, count: outputs.count), count: outputs.count)
    for (pair, cross) in zip(pairs, crosses) {
      let (i, j) = pair
      let product = (norms[i] * norms[j]).squareRoot()
      // Experts that hand on the same in every row have no direction to compare.
      let value = product > 0 ? min(1, cross / product) : norms[i] == norms[j] ? 1 : 0
      (similarity[i][j], similarity[j][i]) = (value, value)
    }
    self.init(
      name: name, experts: members.prefix(outputs.count).map(\.name), similarity: similarity,
      deadShares: outputs.map(Self.deadShare), omitted: members.count - outputs.count)
  }

  /// Column by column without its mean.
  private static func centred(_ matrix: ProbeRun.Matrix) -> ProbeRun.Matrix {
    var result = matrix
    let (rows, columns) = (matrix.rows, matrix.columns)
    for column in 0..<columns {
      var sum = 0.0
      for row in 0..<rows { sum += Double(matrix.values[row * columns + column]) }
      let mean = Float(sum / Double(max(1, rows)))
      for row in 0..<rows { result.values[row * columns + column] -= mean }
    }
    return result
  }

  /// ‖XᵀY‖² in the Frobenius norm.
  private static func crossNorm(_ x: ProbeRun.Matrix, _ y: ProbeRun.Matrix) -> Double {
    let (n, m) = (x.columns, y.columns)
    var product = [Float](repeating: 0, count: n * m)
    x.values.withUnsafeBufferPointer { x in
      y.values.withUnsafeBufferPointer { y in
        product.withUnsafeMutableBufferPointer { product in
          for row in 0..<(n > 0 ? x.count / n : 0) {
            for i in 0..<n {
              let factor = x[row &* n &+ i]
              if factor == 0 { continue }
              for j in 0..<m { product[i &* m &+ j] += factor * y[row &* m &+ j] }
            }
          }
        }
      }
    }
    return product.reduce(0) { $0 + Double($1) * Double($1) }
  }

  private static func deadShare(_ matrix: ProbeRun.Matrix) -> Double {
    guard matrix.rows > 0 else { return 0 }
    let dead = (0..<matrix.columns).count { column in
      (0..<matrix.rows).allSatisfy { matrix.values[$0 * matrix.columns + column] == 0 }
    }
    return Double(dead) / Double(matrix.columns)
  }
}
