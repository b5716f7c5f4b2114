import TensorTypes

extension ConvolutionOp {
  var attributes: [(name: String, value: AttributeValue)] {
    switch self {
    case .conv2d(let form): form.attributes
    case .inputGradient(let form, let height, let width),
      .filterGradient(let form, let height, let width):
      form.attributes + [("size", .integers([height, width]))]
    case .poolIndices(let form), .poolGather(let form): form.attributes
    case .poolScatter(let form, let height, let width):
      form.attributes + [("size", .integers([height, width]))]
    }
  }
}

extension ConvolutionForm {
  fileprivate var attributes: [(name: String, value: AttributeValue)] {
    [("stride", .integer(stride)), ("padding", .integer(padding))]
  }
}

extension PoolingForm {
  fileprivate var attributes: [(name: String, value: AttributeValue)] {
    [("window", .integer(window)), ("stride", .integer(stride))]
  }
}

extension OpReader {
  /// An op of the convolution family, nil for other names.
  mutating func convolution() throws -> ConvolutionOp? {
    switch mnemonic {
    case "conv2d": return .conv2d(try convolutionForm())
    case "conv2d_input_gradient":
      let (form, size) = (try convolutionForm(), try size())
      return .inputGradient(form, height: size.height, width: size.width)
    case "conv2d_filter_gradient":
      let (form, size) = (try convolutionForm(), try size())
      return .filterGradient(form, height: size.height, width: size.width)
    case "pool_indices": return .poolIndices(try poolingForm())
    case "pool_gather": return .poolGather(try poolingForm())
    case "pool_scatter":
      let (form, size) = (try poolingForm(), try size())
      return .poolScatter(form, height: size.height, width: size.width)
    default: return nil
    }
  }

  private mutating func convolutionForm() throws -> ConvolutionForm {
    let stride = try attributes.integer("stride")
    return ConvolutionForm(stride: stride, padding: try attributes.integer("padding"))
  }

  private mutating func poolingForm() throws -> PoolingForm {
    let window = try attributes.integer("window")
    return PoolingForm(window: window, stride: try attributes.integer("stride"))
  }

  private mutating func size() throws -> (height: Int, width: Int) {
    let sizes = try attributes.integers("size")
    guard sizes.count == 2 else {
      throw problem("\(mnemonic): attribute 'size' takes a height and a width")
    }
    return (sizes[0], sizes[1])
  }
}
