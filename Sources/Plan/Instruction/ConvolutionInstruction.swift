import Schema

/// One of the three products of a convolution: image [n, height, width, channels], filter [height,
/// width, channels, units], result [n, height, width, units], related by
/// Σ image[n, s·i + a − p, s·j + b − p, c] · filter[a, b, c, o] · result[n, i, j, o]. The kind says
/// which of the three is written. Neighbours on the last axis are adjacent.
package struct ConvolutionInstruction: Sendable, Hashable {
  package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// Writes the result.
    case forward = 0
    /// Writes the image: its cotangent from that of the result.
    case inputGradient
    /// Writes the filter: its cotangent from that of the result.
    case filterGradient
  }
  package var kind: Kind
  package var image: View
  package var filter: View
  package var result: View
  package var stride: Int
  package var padding: Int

  package init(
    kind: Kind, image: View, filter: View, result: View, stride: Int, padding: Int
  ) {
    self.kind = kind
    self.image = image
    self.filter = filter
    self.result = result
    self.stride = stride
    self.padding = padding
  }
}

extension ConvolutionInstruction: InstructionBody {
  static let code: UInt8 = 15
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.kind, \.image, \.filter, \.result, \.stride, \.padding)
  var instruction: Instruction { .convolution(self) }
  var name: String {
    switch kind {
    case .forward: "conv2d"
    case .inputGradient: "conv2d_input_gradient"
    case .filterGradient: "conv2d_filter_gradient"
    }
  }
  var detail: String { " stride \(stride) padding \(padding)" }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&image, kind == .inputGradient ? .write("image") : .read("image"))
    walk(&filter, kind == .filterGradient ? .write("filter") : .read("filter"))
    walk(&result, kind == .forward ? .write("result") : .read("result"))
  }

  /// Each element of the result meets a column of the filter.
  func cost(rows: Int, elements: Int) -> InstructionCost {
    let column = filter.extents.dropLast().reduce(2) { $0.times($1.size(rows: rows)) }
    return InstructionCost(
      flops: result.extents.product(rows: rows).times(column), elements: elements)
  }

  func validate(_ check: inout ProgramValidator) {
    guard (1...Pixels.largest).contains(stride), (0...Pixels.largest).contains(padding)
    else { return check.report("stride \(stride), padding \(padding)") }
    guard let x = check.pixels(image, "image"), let w = check.pixels(filter, "filter"),
      let y = check.pixels(result, "result"), case .fixed(let filterHeight) = w.count
    else { return check.report("the filter depends on the batch") }
    if x.count != y.count { check.report("\(x.count) images give \(y.count)") }
    // Of the filter, height and width are the channels' and units' neighbours.
    let (filterWidth, channels, units) = (w.height, w.width, w.channels)
    if channels != x.channels || units != y.channels {
      check.report("a filter of \(channels)×\(units) for \(x.channels) and \(y.channels)")
    }
    if Pixels.windows(x.height, filterHeight, stride, padding) != y.height
      || Pixels.windows(x.width, filterWidth, stride, padding) != y.width
    {
      check.report(
        "\(x.height)×\(x.width) under \(filterHeight)×\(filterWidth) is not"
          + " \(y.height)×\(y.width)")
    }
  }
}

extension ConvolutionInstruction.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .forward), (1, .inputGradient), (2, .filterGradient),
  ]
}

/// The sizes of a view of rank 4 whose last axis is dense and whose axes but the first are fixed.
struct Pixels {
  var count: Extent
  var height: Int
  var width: Int
  var channels: Int

  /// Strides, paddings and windows beyond this are mistakes.
  static let largest = 1 << 15

  /// How many windows an axis has room for.
  static func windows(_ size: Int, _ window: Int, _ stride: Int, _ padding: Int) -> Int {
    guard window >= 1, size + 2 * padding >= window else { return 0 }
    return (size + 2 * padding - window) / stride + 1
  }
}

extension ProgramValidator {
  /// Reports and returns nil where the view is no images.
  mutating func pixels(_ view: View, _ role: String) -> Pixels? {
    guard view.extents.count == 4, view.strides.count == 4, let sizes = sizes(view.extents),
      case .fixed = view.extents[1], case .fixed = view.extents[2], case .fixed = view.extents[3]
    else {
      report("\(role): [\(text(view.extents))] are no images")
      return nil
    }
    expectDenseRows(view, role)
    return Pixels(count: view.extents[0], height: sizes[1], width: sizes[2], channels: sizes[3])
  }
}
