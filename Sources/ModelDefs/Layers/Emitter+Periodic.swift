import GraphIR
import TensorTypes

/// Numbers as sines and cosines.
extension Emitter {
  /// The periodic encoding of a number, f32[B, 2·count]: sin 2πc₁x, …, then cos 2πc₁x, …
  ///
  /// Y. Gorishniy, I. Rubachev, A. Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning",
  /// NeurIPS 2022, section 3.3. The frequencies c are the parameter `<name>.frequencies` f32[count], which
  /// starts from normal numbers.
  /// - Parameters:
  ///   - x: f32[B, 1].
  ///   - scale: σ, the deviation of these numbers.
  func periodic(_ x: Tensor, count: Int, scale deviation: Double, name: String) throws -> Tensor {
    let frequencies = try parameter(
      Parameter(ParameterID("\(name).frequencies"), .f32(.fixed(count)), .normal(deviation)))
    let angles = try mul(x, scale(frequencies, by: 2 * Double.pi))
    return try concat([sin(angles), cos(angles)], axis: 1)
  }
}
