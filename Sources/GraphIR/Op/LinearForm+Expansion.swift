import TensorTypes

extension LinearForm {
  /// The same value from products and elementwise ops: what the op means, and how engines without
  /// a kernel for it compute it.
  public func expand<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> E.Tensor {
    var result = try expandProduct(emitter, operands[0], operands[1])
    if let place = biasOperand { result = try emitter.add(result, operands[place]) }
    if let place = addendOperand { result = try emitter.add(result, operands[place]) }
    if let activation {
      result = try onColumns(emitter, [result]) { try activation.apply(emitter, $0[0]) }
    }
    if let gradientOf, let place = outputOperand {
      result = try onColumns(emitter, [result, operands[place]]) {
        try emitter.mul($0[0], gradientOf.derivative(emitter, $0[1]))
      }
    }
    return result
  }

  private func expandProduct<E: Emitter>(
    _ emitter: E, _ a: E.Tensor, _ b: E.Tensor
  ) throws -> E.Tensor {
    guard groups > 1 else {
      return try emitter.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
    }
    func columns(_ x: E.Tensor, _ group: Int) throws -> E.Tensor {
      let width = emitter.shape(of: x)[1].size(batch: 1) / groups
      return try emitter.slice(x, axis: 1, group * width..<(group + 1) * width)
    }
    let parts = try (0..<groups).map { group in
      let left = try columns(a, group)
      if transposeA {
        let part = try emitter.matmul(left, columns(b, group), transposeA: true)
        return try emitter.reshape(part, Shape([1] + emitter.shape(of: part).dimensions))
      }
      let matrix = try emitter.slice(b, axis: 0, group..<group + 1)
      let shape = Shape(Array(emitter.shape(of: matrix).dimensions.dropFirst()))
      return try emitter.matmul(left, emitter.reshape(matrix, shape), transposeB: transposeB)
    }
    return try emitter.concat(parts, axis: transposeA ? 0 : 1)
  }
}
