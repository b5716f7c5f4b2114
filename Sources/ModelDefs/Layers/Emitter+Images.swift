import GraphIR
import TensorTypes

/// Layers on images f32[N, height, width, channels].
extension Emitter {
  /// A square filter over the images, with zeros around them so that their size stays (for an odd
  /// size of the filter). Parameter `<name>.kernel` f32[size, size, channels, units], normal with
  /// variance 2 / (size²·channels) (He et al., ICCV 2015).
  package func convolution(
    _ x: Tensor, units: Int, size: Int = 3, stride: Int = 1, name: String
  ) throws -> Tensor {
    guard shape(of: x).rank == 4, let channels = shape(of: x).last?.fixedSize else {
      throw TypeError(
        op: "convolution", "the input of \(name) has type \(type(of: x)), expected images")
    }
    let side = Dimension.fixed(size)
    let deviation = (2 / Double(Swift.max(size * size * channels, 1))).squareRoot()
    let kernel = try parameter(
      Parameter(
        ParameterID("\(name).kernel"), .f32(side, side, .fixed(channels), .fixed(units)),
        .normal(deviation)))
    return try conv2d(x, kernel, ConvolutionForm(stride: stride, padding: size / 2))
  }

  /// Each channel (the last axis) minus its mean over everything else, divided by its deviation,
  /// times a learned scale plus a learned offset (Ioffe & Szegedy, ICML 2015), with the statistics
  /// of the rows at hand. Parameters `<name>.scale`, ones, and `<name>.offset`, zeros.
  package func batchNormalized(
    _ x: Tensor, name: String, epsilon: Double = 1e-5
  ) throws -> Tensor {
    let shape = shape(of: x)
    guard let channels = shape.last?.fixedSize, shape.rank >= 2 else {
      throw TypeError(
        op: "batch_norm", "the input of \(name) has type \(type(of: x)), expected f32[…, channels]")
    }
    let axes = Array(0..<shape.rank - 1)
    let rows = Double(shape.fixedCount / channels)
    func mean(_ x: Tensor) throws -> Tensor {
      let total = try scale(sum(x, axes: axes), by: 1 / rows)
      return shape.hasBatch ? try div(total, batchSize()) : total
    }
    let centred = try sub(x, mean(x))
    let variance = try mean(square(centred))
    let inverse = try unary(.rsqrt, add(variance, constant(epsilon)))
    let gain = try parameter(
      Parameter(ParameterID("\(name).scale"), .f32(.fixed(channels)), .constant(1)))
    let offset = try parameter(
      Parameter(ParameterID("\(name).offset"), .f32(.fixed(channels)), .constant(0)))
    return try add(mul(centred, mul(inverse, gain)), offset)
  }
}
