import TensorTypes

/// One function per op of the convolution family.
extension Emitter {
  /// x f32[N, H, W, C] with w f32[h, w, C, O].
  public func conv2d(_ x: Tensor, _ w: Tensor, _ form: ConvolutionForm) throws -> Tensor {
    try emitOne(.convolution(.conv2d(form)), [x, w])
  }
  /// The cotangent of an image from that of `conv2d`'s result.
  public func conv2dInputGradient(
    _ w: Tensor, _ g: Tensor, _ form: ConvolutionForm, height: Int, width: Int
  ) throws -> Tensor {
    try emitOne(.convolution(.inputGradient(form, height: height, width: width)), [w, g])
  }
  /// The cotangent of a filter from that of `conv2d`'s result.
  public func conv2dFilterGradient(
    _ x: Tensor, _ g: Tensor, _ form: ConvolutionForm, height: Int, width: Int
  ) throws -> Tensor {
    try emitOne(.convolution(.filterGradient(form, height: height, width: width)), [x, g])
  }
  public func poolIndices(_ x: Tensor, _ form: PoolingForm) throws -> Tensor {
    try emitOne(.convolution(.poolIndices(form)), [x])
  }
  public func poolGather(_ x: Tensor, _ indices: Tensor, _ form: PoolingForm) throws -> Tensor {
    try emitOne(.convolution(.poolGather(form)), [x, indices])
  }
  public func poolScatter(
    _ indices: Tensor, _ g: Tensor, _ form: PoolingForm, height: Int, width: Int
  ) throws -> Tensor {
    try emitOne(.convolution(.poolScatter(form, height: height, width: width)), [indices, g])
  }
  /// The largest element of each window; its gradient goes to the first of equal ones.
  public func maxPool(_ x: Tensor, window: Int, stride: Int) throws -> Tensor {
    let form = PoolingForm(window: window, stride: stride)
    return try poolGather(x, poolIndices(x, form), form)
  }
}
