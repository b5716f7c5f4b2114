import GraphIR
import TensorTypes

extension OpSuite {
  /// Strides, paddings, filters that are not square, images that windows do not fill.
  static let convolutions: [OpCase] = {
    var cases: [OpCase] = []
    for (form, image, filter, result) in [
      (ConvolutionForm(), (3, 4), (2, 3), (2, 2)),
      (ConvolutionForm(padding: 1), (3, 3), (3, 3), (3, 3)),
      (ConvolutionForm(stride: 2, padding: 1), (4, 3), (3, 2), (2, 2)),
      (ConvolutionForm(stride: 3), (4, 5), (1, 2), (2, 2)),
    ] {
      for count in [Dimension.batch, 2] {
        let x = real(count, .fixed(image.0), .fixed(image.1), 2)
        let w = real(.fixed(filter.0), .fixed(filter.1), 2, 3)
        let g = real(count, .fixed(result.0), .fixed(result.1), 3)
        cases += [
          OpCase(.convolution(.conv2d(form)), [x, w]),
          OpCase(
            .convolution(.inputGradient(form, height: image.0, width: image.1)), [w, g]),
          OpCase(
            .convolution(.filterGradient(form, height: filter.0, width: filter.1)), [x, g]),
        ]
      }
    }
    for (form, size, result) in [
      (PoolingForm(window: 2, stride: 2), 5, 2), (PoolingForm(window: 2, stride: 1), 3, 2),
      (PoolingForm(window: 1, stride: 2), 3, 2),
    ] {
      let side = Dimension.fixed(size)
      let x = real(.batch, side, side, 2)
      let g = real(.batch, .fixed(result), .fixed(result), 2)
      let indices = places(form.window * form.window, g.type.shape)
      cases += [
        OpCase(.convolution(.poolIndices(form)), [x]),
        OpCase(.convolution(.poolGather(form)), [x, indices]),
        OpCase(.convolution(.poolScatter(form, height: size, width: size)), [indices, g]),
      ]
    }
    return cases
  }()

  /// Places in a window: ids, but none is missing.
  private static func places(_ count: Int, _ shape: Shape) -> OpCase.Operand {
    OpCase.Operand(TensorType(.i32, shape), .places(count))
  }
}
