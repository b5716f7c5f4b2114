import GraphIR
import TensorTypes

extension EagerEngine {
  /// The derivatives by the operands of the convolution family. Image x, filter w and result g of a
  /// convolution enter the trilinear form T(x, w, g); each op is its derivative by one of them, so
  /// the derivatives of an op are those of T by the other two.
  func convolutionJacobian(
    _ op: ConvolutionOp, _ x: [Tensor], _ g: Tensor, _ needed: [Bool]
  ) throws -> [Tensor?] {
    func byImage(_ form: ConvolutionForm, _ w: Tensor, _ g: Tensor, like x: Tensor) throws -> Tensor
    {
      try conv2dInputGradient(w, g, form, height: x.sizes[1], width: x.sizes[2])
    }
    func byFilter(_ form: ConvolutionForm, _ x: Tensor, _ g: Tensor, like w: Tensor) throws
      -> Tensor
    {
      try conv2dFilterGradient(x, g, form, height: w.sizes[0], width: w.sizes[1])
    }
    switch op {
    case .conv2d(let form):
      return [
        needed[0] ? try byImage(form, x[1], g, like: x[0]) : nil,
        needed[1] ? try byFilter(form, x[0], g, like: x[1]) : nil,
      ]
    case .inputGradient(let form, _, _):
      return [
        needed[0] ? try byFilter(form, g, x[1], like: x[0]) : nil,
        needed[1] ? try conv2d(g, x[0], form) : nil,
      ]
    case .filterGradient(let form, _, _):
      return [
        needed[0] ? try byImage(form, g, x[1], like: x[0]) : nil,
        needed[1] ? try conv2d(x[0], g, form) : nil,
      ]
    case .poolIndices:
      return [nil]
    case .poolGather(let form):
      let (height, width) = (x[0].sizes[1], x[0].sizes[2])
      return [try poolScatter(x[1], g, form, height: height, width: width), nil]
    case .poolScatter(let form, _, _):
      return [nil, try poolGather(g, x[0], form)]
    }
  }
}
