import GraphIR
import TensorTypes

extension TypeRuleTests {
  /// What convolutions and pooling accept and reject.
  static let convolutionRules: (accepted: [Rule], rejected: [Rule]) = {
    let same = ConvolutionForm(stride: 1, padding: 1)
    let half = PoolingForm(window: 2, stride: 2)
    let images = TensorType.f32(.batch, 7, 5, 2)
    let accepted = [
      Rule(.convolution(.conv2d(same)), [images, .f32(3, 3, 2, 4)], "f32[B, 7, 5, 4]"),
      Rule(
        .convolution(.conv2d(ConvolutionForm(stride: 2))), [.f32(6, 7, 5, 2), .f32(3, 2, 2, 4)],
        "f32[6, 3, 2, 4]"),
      Rule(
        .convolution(.inputGradient(same, height: 7, width: 5)),
        [.f32(3, 3, 2, 4), .f32(.batch, 7, 5, 4)], "f32[B, 7, 5, 2]"),
      Rule(
        .convolution(.filterGradient(same, height: 3, width: 3)),
        [images, .f32(.batch, 7, 5, 4)], "f32[3, 3, 2, 4]"),
      Rule(.convolution(.poolIndices(half)), [images], "i32[B, 3, 2, 2]"),
      Rule(
        .convolution(.poolGather(half)), [images, .i32(.batch, 3, 2, 2)], "f32[B, 3, 2, 2]"),
      Rule(
        .convolution(.poolScatter(half, height: 7, width: 5)),
        [.i32(.batch, 3, 2, 2), .f32(.batch, 3, 2, 2)], "f32[B, 7, 5, 2]"),
    ]
    let rejected = [
      Rule(
        .convolution(.conv2d(same)), [.f32(.batch, 7), .f32(3, 3, 2, 4)],
        "conv2d: operand 0 has type f32[B, 7], expected images f32[*, height, width, channels]"),
      Rule(
        .convolution(.conv2d(same)), [images, .f32(3, 3, 1, 4)],
        "conv2d: operand 1 has type f32[3, 3, 1, 4], expected a filter of 2 channels"),
      Rule(
        .convolution(.conv2d(ConvolutionForm())), [images, .f32(3, 6, 2, 4)],
        "conv2d: a window of 6 does not fit into 5 with padding 0"),
      Rule(
        .convolution(.conv2d(ConvolutionForm(stride: 0))), [images, .f32(3, 3, 2, 4)],
        "conv2d: stride 0 or padding 0 is out of range"),
      Rule(
        .convolution(.inputGradient(same, height: 8, width: 5)),
        [.f32(3, 3, 2, 4), .f32(.batch, 7, 5, 4)],
        "conv2d_input_gradient: operand 1 has type f32[B, 7, 5, 4], expected the result's shape "
          + "for these sizes"),
      Rule(
        .convolution(.poolGather(half)), [images, .i32(.batch, 3, 3, 2)],
        "pool_gather: operand 1 has type i32[B, 3, 3, 2], expected i32[B, 3, 2, 2]"),
      Rule(
        .convolution(.poolIndices(PoolingForm(window: 0, stride: 1))), [images],
        "pool_indices: a window of 0 is out of range"),
    ]
    return (accepted, rejected)
  }()
}
