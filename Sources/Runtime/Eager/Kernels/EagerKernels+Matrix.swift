import GraphIR

extension EagerKernels {
  static func matrix(_ op: MatrixOp, _ operands: [Tensor], _ sizes: [Int]) throws -> Storage {
    switch op {
    case .matmul(let transposeA, let transposeB):
      return .floats(matmul(operands[0], operands[1], transposeA, transposeB, sizes))
    case .linear:
      throw TypeError(op: op.mnemonic, "is computed by the engine as the ops that it stands for")
    }
  }

  /// op(A)·op(B): rows of op(B) times numbers of op(A), added to the result's rows, so that the
  /// inner loop runs along contiguous rows. Four rows at a time save traffic on the result.
  private static func matmul(
    _ a: Tensor, _ b: Tensor, _ transposeA: Bool, _ transposeB: Bool, _ sizes: [Int]
  ) -> [Scalar] {
    let (m, n) = (sizes[0], sizes[1])
    let k = transposeA ? a.sizes[0] : a.sizes[1]
    let left = a.floats
    let right = transposeB ? transposed(b) : b.floats
    // Element (i, p) of op(A) is left[i·rowStep + p·columnStep].
    let (rowStep, columnStep) = transposeA ? (1, m) : (k, 1)
    var result = [Scalar](repeating: 0, count: m * n)
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        result.withUnsafeMutableBufferPointer { result in
          guard let left = left.baseAddress, let right = right.baseAddress,
            let result = result.baseAddress
          else { return }
          for i in 0..<m {
            let row = result + i * n
            let factors = left + i * rowStep
            var p = 0
            while p + 4 <= k {
              let (b0, b1) = (right + p * n, right + (p + 1) * n)
              let (b2, b3) = (right + (p + 2) * n, right + (p + 3) * n)
              let (a0, a1) = (factors[p * columnStep], factors[(p + 1) * columnStep])
              let (a2, a3) = (factors[(p + 2) * columnStep], factors[(p + 3) * columnStep])
              for j in 0..<n {
                row[j] += (a0 * b0[j] + a1 * b1[j]) + (a2 * b2[j] + a3 * b3[j])
              }
              p += 4
            }
            while p < k {
              let (factor, other) = (factors[p * columnStep], right + p * n)
              for j in 0..<n { row[j] += factor * other[j] }
              p += 1
            }
          }
        }
      }
    }
    return result
  }

  private static func transposed(_ x: Tensor) -> [Scalar] {
    let (rows, columns) = (x.sizes[0], x.sizes[1])
    let values = x.floats
    return values.withUnsafeBufferPointer { values in
      array(values.count) { out in
        for row in 0..<rows {
          for column in 0..<columns { out[column * rows + row] = values[row * columns + column] }
        }
      }
    }
  }
}
