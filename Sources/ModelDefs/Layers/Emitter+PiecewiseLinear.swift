import GraphIR
import TensorTypes

/// Numbers that were counted in bins.
extension Emitter {
  /// The piecewise linear encoding of a number: the share of each bin that it has passed, f32[B, bins].
  ///
  /// Y. Gorishniy, I. Rubachev, A. Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning",
  /// NeurIPS 2022, eq. 1: with u the number in units of bins, column t is u − t, at least 0 but for the
  /// first column and at most 1 but for the last one.
  /// - Parameter u: f32[B, 1].
  func piecewiseLinear(_ u: Tensor, bins: Int) throws -> Tensor {
    guard bins > 1 else { return u }
    let (zero, one) = (try constant(0), try constant(1))
    let first = try min(u, one)
    let last = try max(sub(u, constant(Double(bins - 1))), zero)
    guard bins > 2 else { return try concat([first, last], axis: 1) }
    let inner = try sub(u, counting(from: 1, bins - 2))
    return try concat([first, min(max(inner, zero), one), last], axis: 1)
  }

  /// start, start + 1, … of that count, f32[count], from ever longer halves.
  private func counting(from start: Int, _ count: Int) throws -> Tensor {
    var numbers = try constant(Double(start), .f32(1))
    var length = 1
    while length < count {
      numbers = try concat([numbers, add(numbers, constant(Double(length)))], axis: 0)
      length *= 2
    }
    return length == count ? numbers : try slice(numbers, axis: 0, 0..<count)
  }
}
