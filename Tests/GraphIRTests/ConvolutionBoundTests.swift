import GraphIR
import TensorTypes
import Testing

/// Sizes of convolutions and pooling at their bounds, with heights, widths, strides and paddings
/// that all differ.
@Suite struct ConvolutionBoundTests {
  private let images = TensorType.f32(.batch, 7, 5, 2)
  private let form = ConvolutionForm(stride: 3, padding: 2)

  private func outcome(_ op: ConvolutionOp, _ operands: [TensorType]) -> String {
    do {
      return try Op.convolution(op).infer(operands).map(\.description).joined(separator: " ")
    } catch {
      return "\(error)"
    }
  }

  @Test func sizesOfTheThreeProducts() {
    // (7 + 4 − 3) / 3 + 1 = 3 and (5 + 4 − 4) / 3 + 1 = 2.
    let (w, g) = (TensorType.f32(3, 4, 2, 6), TensorType.f32(.batch, 3, 2, 6))
    #expect(outcome(.conv2d(form), [images, w]) == "f32[B, 3, 2, 6]")
    #expect(outcome(.inputGradient(form, height: 7, width: 5), [w, g]) == "f32[B, 7, 5, 2]")
    #expect(outcome(.filterGradient(form, height: 3, width: 4), [images, g]) == "f32[3, 4, 2, 6]")
  }

  @Test func theLastWindowThatFits() {
    let one = ConvolutionForm(stride: 1, padding: 1)
    #expect(outcome(.conv2d(one), [images, .f32(9, 7, 2, 4)]) == "f32[B, 1, 1, 4]")
    #expect(
      outcome(.conv2d(one), [images, .f32(10, 7, 2, 4)])
        == "conv2d: a window of 10 does not fit into 7 with padding 1")
    #expect(
      outcome(.conv2d(one), [images, .f32(9, 8, 2, 4)])
        == "conv2d: a window of 8 does not fit into 5 with padding 1")
    #expect(
      outcome(.conv2d(ConvolutionForm(stride: 2, padding: -1)), [images, .f32(3, 3, 2, 4)])
        == "conv2d: stride 2 or padding -1 is out of range")
    let most = Shape.maximumCount
    #expect(
      outcome(.conv2d(ConvolutionForm(stride: most)), [images, .f32(3, 3, 2, 4)])
        == "f32[B, 1, 1, 4]")
    #expect(
      outcome(.conv2d(ConvolutionForm(stride: most + 1)), [images, .f32(3, 3, 2, 4)])
        == "conv2d: stride 1099511627777 or padding 0 is out of range")
    #expect(
      outcome(
        .conv2d(ConvolutionForm(stride: 1, padding: most + 1)), [images, .f32(3, 3, 2, 4)])
        == "conv2d: stride 1 or padding 1099511627777 is out of range")
    #expect(
      outcome(
        .filterGradient(one, height: 0, width: 3), [images, .f32(.batch, 7, 5, 4)])
        == "conv2d_filter_gradient: a window of 0 does not fit into 7 with padding 1")
  }

  @Test func operandsThatAreNoImagesOrFilters() {
    let w = TensorType.f32(3, 3, 2, 4)
    for type: TensorType in [
      .i32(.batch, 7, 5, 2), .f32(.batch, 7, 5), .f32(.batch, 7, 5, 2, 1), .f32(6, .batch, 5, 2),
      .f32(6, 7, .batch, 2), .f32(6, 7, 5, .batch),
    ] {
      #expect(
        outcome(.conv2d(form), [type, w])
          == "conv2d: operand 0 has type \(type), expected images "
          + "f32[*, height, width, channels]")
    }
    for type: TensorType in [
      .i32(3, 3, 2, 4), .f32(3, 3, 2), .f32(.batch, 3, 2, 4), .f32(3, 3, 2, 4, 1),
      .f32(3, 3, 2, 4, .batch),
    ] {
      #expect(
        outcome(.conv2d(form), [images, type])
          == "conv2d: operand 1 has type \(type), expected a filter "
          + "f32[height, width, channels, units]")
    }
    #expect(outcome(.conv2d(form), [images]) == "conv2d: has 1 operands, expected 2")
    #expect(
      outcome(.poolIndices(PoolingForm(window: 2, stride: 1)), [images, images])
        == "pool_indices: has 2 operands, expected 1")
  }

  @Test func gradientsOfOtherSizes() {
    let (w, g) = (TensorType.f32(3, 4, 2, 6), TensorType.f32(.batch, 3, 2, 6))
    func input(_ height: Int, _ width: Int, _ g: TensorType) -> String {
      outcome(.inputGradient(form, height: height, width: width), [w, g])
    }
    func filter(_ height: Int, _ width: Int, _ g: TensorType) -> String {
      outcome(.filterGradient(form, height: height, width: width), [images, g])
    }
    func message(_ op: String, _ g: TensorType) -> String {
      "\(op): operand 1 has type \(g), expected the result's shape for these sizes"
    }
    // The result has the same sizes for heights of 5 to 7 and widths of 3 to 5.
    #expect(input(5, 3, g) == "f32[B, 5, 3, 2]")
    #expect(input(8, 5, g) == message("conv2d_input_gradient", g))
    #expect(input(4, 5, g) == message("conv2d_input_gradient", g))
    #expect(input(7, 6, g) == message("conv2d_input_gradient", g))
    let narrow = TensorType.f32(.batch, 3, 2, 5)
    #expect(input(7, 5, narrow) == message("conv2d_input_gradient", narrow))
    #expect(filter(5, 6, g) == "f32[5, 6, 2, 6]")
    #expect(filter(6, 4, g) == message("conv2d_filter_gradient", g))
    #expect(filter(2, 4, g) == message("conv2d_filter_gradient", g))
    #expect(filter(3, 3, g) == message("conv2d_filter_gradient", g))
    let four = TensorType.f32(4, 3, 2, 6)
    #expect(filter(3, 4, four) == message("conv2d_filter_gradient", four))
  }

  @Test func pooling() {
    let pool = PoolingForm(window: 3, stride: 2)
    let (indices, g) = (TensorType.i32(.batch, 3, 2, 2), TensorType.f32(.batch, 3, 2, 2))
    #expect(outcome(.poolIndices(pool), [images]) == "i32[B, 3, 2, 2]")
    #expect(outcome(.poolGather(pool), [images, indices]) == "f32[B, 3, 2, 2]")
    #expect(
      outcome(.poolGather(pool), [images, g])
        == "pool_gather: operand 1 has type f32[B, 3, 2, 2], expected i32[B, 3, 2, 2]")
    func scatter(_ height: Int, _ width: Int, _ indices: TensorType) -> String {
      outcome(.poolScatter(pool, height: height, width: width), [indices, g])
    }
    #expect(scatter(8, 6, indices) == "f32[B, 8, 6, 2]")
    let sizes =
      "pool_scatter: operand 1 has type f32[B, 3, 2, 2], expected the result's shape for these"
      + " sizes"
    #expect(scatter(9, 6, indices) == sizes)
    #expect(scatter(8, 7, indices) == sizes)
    #expect(
      scatter(7, 5, .i32(.batch, 3, 1, 2))
        == "pool_scatter: operand 0 has type i32[B, 3, 1, 2], expected i32[B, 3, 2, 2]")
    #expect(
      scatter(7, 5, g)
        == "pool_scatter: operand 0 has type f32[B, 3, 2, 2], expected i32[B, 3, 2, 2]")
    let wide = TensorType.f32(1, 32768, 32770, 1)
    #expect(
      outcome(.poolIndices(PoolingForm(window: 32768, stride: 1)), [wide]) == "i32[1, 1, 3, 1]")
    #expect(
      outcome(.poolIndices(PoolingForm(window: 32769, stride: 1)), [wide])
        == "pool_indices: a window of 32769 is out of range")
    #expect(
      outcome(.poolIndices(PoolingForm(window: 3, stride: 0)), [images])
        == "pool_indices: stride 0 or padding 0 is out of range")
    #expect(
      outcome(.poolIndices(PoolingForm(window: 6, stride: 1)), [images])
        == "pool_indices: a window of 6 does not fit into 5 with padding 0")
  }
}
