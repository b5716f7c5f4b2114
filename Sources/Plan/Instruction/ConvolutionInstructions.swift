/// One of the three products of a convolution: image [n, height, width, channels], filter [height,
/// width, channels, units], result [n, height, width, units], related by
/// Σ image[n, s·i + a − p, s·j + b − p, c] · filter[a, b, c, o] · result[n, i, j, o]. The kind says
/// which of the three is written. Neighbours on the last axis are adjacent.
public struct ConvolutionInstruction: Sendable, Hashable {
  public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// Writes the result.
    case forward = 0
    /// Writes the image: its cotangent from that of the result.
    case inputGradient
    /// Writes the filter: its cotangent from that of the result.
    case filterGradient

    public var name: String {
      switch self {
      case .forward: "conv2d"
      case .inputGradient: "conv2d_input_gradient"
      case .filterGradient: "conv2d_filter_gradient"
      }
    }
  }
  public var kind: Kind
  public var image: View
  public var filter: View
  public var result: View
  public var stride: Int
  public var padding: Int

  public init(
    kind: Kind, image: View, filter: View, result: View, stride: Int, padding: Int
  ) {
    self.kind = kind
    self.image = image
    self.filter = filter
    self.result = result
    self.stride = stride
    self.padding = padding
  }

  public var operands: [View] {
    switch kind {
    case .forward: [image, filter]
    case .inputGradient: [filter, result]
    case .filterGradient: [image, result]
    }
  }

  public var output: View {
    switch kind {
    case .forward: result
    case .inputGradient: image
    case .filterGradient: filter
    }
  }
}

/// Square windows over images [n, height, width, channels], without padding. `indices` is i32 of
/// the result's shape: the places in the windows, counted row by row; one outside of the window is
/// taken for 0.
public struct PoolInstruction: Sendable, Hashable {
  public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// The places of the largest elements, and where `result` is there these elements.
    case largest = 0
    /// The elements at the indices.
    case gather
    /// The image with the elements of `result` added at the indices, zeros elsewhere.
    case scatter

    public var name: String {
      switch self {
      case .largest: "pool_indices"
      case .gather: "pool_gather"
      case .scatter: "pool_scatter"
      }
    }
  }
  public var kind: Kind
  public var image: View
  public var indices: View
  public var result: View?
  public var window: Int
  public var stride: Int

  public init(
    kind: Kind, image: View, indices: View, result: View?, window: Int, stride: Int
  ) {
    self.kind = kind
    self.image = image
    self.indices = indices
    self.result = result
    self.window = window
    self.stride = stride
  }

  public var operands: [View] {
    switch kind {
    case .largest: [image]
    case .gather: [image, indices]
    case .scatter: [indices] + (result.map { [$0] } ?? [])
    }
  }

  public var outputs: [View] {
    switch kind {
    case .largest: [indices] + (result.map { [$0] } ?? [])
    case .gather: result.map { [$0] } ?? []
    case .scatter: [image]
    }
  }
}
