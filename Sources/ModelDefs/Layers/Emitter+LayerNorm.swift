import GraphIR
import TensorTypes

extension Emitter {
  /// γ·(x − μ)/√(σ² + ε) + β with the mean μ and the variance σ² (over n, not n − 1) of each row:
  /// f32[B, n] → f32[B, n], the same in training and prediction.
  ///
  /// J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", arXiv:1607.06450, 2016, eq. 4.
  /// Parameters `<name>.scale` γ from 1 and `<name>.shift` β from 0, each f32[n].
  package func layerNorm(_ x: Tensor, name: String, epsilon: Double) throws -> Tensor {
    let scale = try parameter(column(of: x, "\(name).scale", 1, isTrainable: true))
    let shift = try parameter(column(of: x, "\(name).shift", 0, isTrainable: true))
    let width = Double(shape(of: x).last?.fixedSize ?? 1)
    let centered = try sub(x, self.scale(sum(x, axes: [1], keepAxes: true), by: 1 / width))
    let variance = try self.scale(
      sum(square(centered), axes: [1], keepAxes: true), by: 1 / width)
    let factor = try unary(.rsqrt, add(variance, constant(epsilon)))
    return try add(mul(mul(centered, factor), scale), shift)
  }
}
