import TensorTypes

/// Convolutions of images and pooling. Images are [N, height, width, channels], filters
/// [height, width, channels, units]; the number of images N may be the batch axis.
///
/// The three products are the three ways to contract the same sum
/// Σ x[n, s·i + a − p, s·j + b − p, c] · w[a, b, c, o] · g[n, i, j, o], so each one's gradient
/// consists of the other two.
public enum ConvolutionOp: Sendable, Hashable {
  /// (x, w) → y[n, i, j, o] = Σ x[n, s·i + a − p, s·j + b − p, c] · w[a, b, c, o], with zeros
  /// outside the image.
  case conv2d(ConvolutionForm)
  /// (w, g) → the cotangent of an image of `height` × `width` from that of the result.
  case inputGradient(ConvolutionForm, height: Int, width: Int)
  /// (x, g) → the cotangent of a filter of `height` × `width` from that of the result.
  case filterGradient(ConvolutionForm, height: Int, width: Int)
  /// x → i32: which element of each window is the largest, counted row by row; the first of equal
  /// ones.
  case poolIndices(PoolingForm)
  /// (x, indices) → the elements of the windows that the indices name.
  case poolGather(PoolingForm)
  /// (indices, g) → an image of `height` × `width` with each element of g added to the place that
  /// its index names: the gradient of `poolGather`.
  case poolScatter(PoolingForm, height: Int, width: Int)

  public var mnemonic: String {
    switch self {
    case .conv2d: "conv2d"
    case .inputGradient: "conv2d_input_gradient"
    case .filterGradient: "conv2d_filter_gradient"
    case .poolIndices: "pool_indices"
    case .poolGather: "pool_gather"
    case .poolScatter: "pool_scatter"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    switch self {
    case .poolIndices: try checkCount(mnemonic, operands, 1)
    case .conv2d, .inputGradient, .filterGradient, .poolGather, .poolScatter:
      try checkCount(mnemonic, operands, 2)
    }
    switch self {
    case .conv2d(let form):
      let x = try image(operands, 0)
      let w = try filter(operands, 1)
      guard w.channels == x.channels else {
        throw TypeError.operand(
          mnemonic, 1, operands[1], expected: "a filter of \(x.channels) channels")
      }
      let height = try form.size(mnemonic, x.height, w.height)
      let width = try form.size(mnemonic, x.width, w.width)
      return [.f32(x.count, .fixed(height), .fixed(width), .fixed(w.units))]
    case .inputGradient(let form, let height, let width):
      let w = try filter(operands, 0)
      let g = try image(operands, 1)
      guard g.channels == w.units, g.height == (try form.size(mnemonic, height, w.height)),
        g.width == (try form.size(mnemonic, width, w.width))
      else { throw mismatch(operands, 1) }
      return [.f32(g.count, .fixed(height), .fixed(width), .fixed(w.channels))]
    case .filterGradient(let form, let height, let width):
      let x = try image(operands, 0)
      let g = try image(operands, 1)
      guard g.count == x.count, g.height == (try form.size(mnemonic, x.height, height)),
        g.width == (try form.size(mnemonic, x.width, width))
      else { throw mismatch(operands, 1) }
      return [.f32(.fixed(height), .fixed(width), .fixed(x.channels), .fixed(g.channels))]
    case .poolIndices(let form):
      return [TensorType(.i32, try form.result(mnemonic, image(operands, 0)))]
    case .poolGather(let form):
      let shape = try form.result(mnemonic, image(operands, 0))
      guard operands[1] == TensorType(.i32, shape) else {
        throw TypeError.operand(
          mnemonic, 1, operands[1], expected: "\(TensorType(.i32, shape))")
      }
      return [TensorType(.f32, shape)]
    case .poolScatter(let form, let height, let width):
      let g = try image(operands, 1)
      let x = Image(count: g.count, height: height, width: width, channels: g.channels)
      guard try form.result(mnemonic, x) == operands[1].shape else { throw mismatch(operands, 1) }
      guard operands[0] == TensorType(.i32, operands[1].shape) else {
        throw TypeError.operand(
          mnemonic, 0, operands[0], expected: "\(TensorType(.i32, operands[1].shape))")
      }
      return [.f32(x.count, .fixed(height), .fixed(width), .fixed(x.channels))]
    }
  }

  /// The sizes of images.
  struct Image {
    var count: Dimension
    var height, width, channels: Int
  }

  private func image(_ operands: [TensorType], _ index: Int) throws -> Image {
    let type = operands[index]
    guard type.dtype == .f32, type.shape.rank == 4, let height = type.shape[1].fixedSize,
      let width = type.shape[2].fixedSize, let channels = type.shape[3].fixedSize
    else {
      throw TypeError.operand(
        mnemonic, index, type, expected: "images f32[*, height, width, channels]")
    }
    return Image(count: type.shape[0], height: height, width: width, channels: channels)
  }

  private func filter(
    _ operands: [TensorType], _ index: Int
  ) throws -> (height: Int, width: Int, channels: Int, units: Int) {
    let type = operands[index]
    let sizes = type.shape.dimensions.compactMap(\.fixedSize)
    guard type.dtype == .f32, type.shape.rank == 4, sizes.count == 4 else {
      throw TypeError.operand(
        mnemonic, index, type, expected: "a filter f32[height, width, channels, units]")
    }
    return (sizes[0], sizes[1], sizes[2], sizes[3])
  }

  private func mismatch(_ operands: [TensorType], _ index: Int) -> TypeError {
    TypeError.operand(
      mnemonic, index, operands[index], expected: "the result's shape for these sizes")
  }
}

/// How a filter moves over an image.
public struct ConvolutionForm: Sendable, Hashable {
  /// Places from one window to the next, on both axes.
  public var stride: Int
  /// Zeros around the image, on all sides.
  public var padding: Int

  public init(stride: Int = 1, padding: Int = 0) {
    self.stride = stride
    self.padding = padding
  }

  /// How many windows of `window` fit into `size`.
  func size(_ op: String, _ size: Int, _ window: Int) throws -> Int {
    let limit = 1...Shape.maximumCount
    guard limit.contains(stride), (0...Shape.maximumCount).contains(padding) else {
      throw TypeError(op: op, "stride \(stride) or padding \(padding) is out of range")
    }
    guard limit.contains(size), limit.contains(window), window <= size + 2 * padding else {
      throw TypeError(
        op: op, "a window of \(window) does not fit into \(size) with padding \(padding)")
    }
    return (size + 2 * padding - window) / stride + 1
  }
}

/// Square windows that move over an image without padding; what is left at the right and at the
/// bottom is not looked at.
public struct PoolingForm: Sendable, Hashable {
  public var window: Int
  public var stride: Int

  public init(window: Int, stride: Int) {
    self.window = window
    self.stride = stride
  }

  func result(_ op: String, _ x: ConvolutionOp.Image) throws -> Shape {
    guard (1...(1 << 15)).contains(window) else {
      throw TypeError(op: op, "a window of \(window) is out of range")
    }
    let form = ConvolutionForm(stride: stride)
    return [
      x.count, .fixed(try form.size(op, x.height, window)),
      .fixed(try form.size(op, x.width, window)), .fixed(x.channels),
    ]
  }
}
