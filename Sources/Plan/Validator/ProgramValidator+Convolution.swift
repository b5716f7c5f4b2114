import TensorTypes

extension ProgramValidator {
  /// Strides, paddings and windows beyond this are mistakes.
  private static let largest = 1 << 15

  mutating func check(_ convolution: ConvolutionInstruction) {
    let name = convolution.kind.name
    let written: ConvolutionInstruction.Kind = convolution.kind
    let image = touch(
      convolution.image, written == .inputGradient ? .write : .read, "\(name): image")
    let filter = touch(
      convolution.filter, written == .filterGradient ? .write : .read, "\(name): filter")
    let result = touch(convolution.result, written == .forward ? .write : .read, "\(name): result")
    let regions = [image, filter, result]
    let output: Region? =
      switch written {
      case .forward: result
      case .inputGradient: image
      case .filterGradient: filter
      }
    for region in regions where region != output { checkAlias(output, region, "\(name): output") }
    guard (1...Self.largest).contains(convolution.stride),
      (0...Self.largest).contains(convolution.padding)
    else { return report("\(name): stride \(convolution.stride), padding \(convolution.padding)") }
    guard let x = pixels(convolution.image, "\(name): image"),
      let w = pixels(convolution.filter, "\(name): filter"),
      let y = pixels(convolution.result, "\(name): result"),
      case .fixed(let filterHeight) = w.count
    else { return report("\(name): the filter depends on the batch") }
    if x.count != y.count { report("\(name): \(x.count) images give \(y.count)") }
    // Of the filter, height and width are the channels' and units' neighbours.
    let (filterWidth, channels, units) = (w.height, w.width, w.channels)
    if channels != x.channels || units != y.channels {
      report("\(name): a filter of \(channels)×\(units) for \(x.channels) and \(y.channels)")
    }
    if windows(x.height, filterHeight, convolution.stride, convolution.padding) != y.height
      || windows(x.width, filterWidth, convolution.stride, convolution.padding) != y.width
    {
      report(
        "\(name): \(x.height)×\(x.width) under \(filterHeight)×\(filterWidth) is not"
          + " \(y.height)×\(y.width)")
    }
  }

  mutating func check(_ pool: PoolInstruction) {
    let name = pool.kind.name
    guard pool.result != nil || pool.kind == .largest else {
      return report("\(name): it has no result")
    }
    let image = touch(pool.image, pool.kind == .scatter ? .write : .read, "\(name): image")
    let indices = touch(
      pool.indices, pool.kind == .largest ? .write : .read, "\(name): indices", dtype: .i32)
    let result = pool.result.flatMap {
      touch($0, pool.kind == .scatter ? .read : .write, "\(name): result")
    }
    switch pool.kind {
    case .largest:
      checkAlias(indices, image, "\(name): indices")
      checkAlias(result, image, "\(name): result")
      checkAlias(result, indices, "\(name): result")
    case .gather:
      checkAlias(result, image, "\(name): result")
      checkAlias(result, indices, "\(name): result")
    case .scatter:
      checkAlias(image, indices, "\(name): image")
      checkAlias(image, result, "\(name): image")
    }
    guard (1...Self.largest).contains(pool.window), (1...Self.largest).contains(pool.stride) else {
      return report("\(name): window \(pool.window), stride \(pool.stride)")
    }
    if let view = pool.result { expect(view.extents, pool.indices.extents, "\(name): result") }
    guard let x = pixels(pool.image, "\(name): image"),
      let y = pixels(pool.indices, "\(name): indices")
    else { return }
    if let view = pool.result { expectDenseRows(view, "\(name): result") }
    if x.count != y.count || x.channels != y.channels
      || windows(x.height, pool.window, pool.stride, 0) != y.height
      || windows(x.width, pool.window, pool.stride, 0) != y.width
    {
      report("\(name): [\(text(pool.indices.extents))] from [\(text(pool.image.extents))]")
    }
  }

  /// A view of rank 4 whose last axis is dense and whose axes but the first are fixed.
  private mutating func pixels(
    _ view: View, _ role: String
  ) -> (count: Extent, height: Int, width: Int, channels: Int)? {
    guard view.extents.count == 4, view.strides.count == 4, case .fixed(let a) = view.extents[1],
      case .fixed(let b) = view.extents[2], case .fixed(let c) = view.extents[3]
    else {
      report("\(role): [\(text(view.extents))] are no images")
      return nil
    }
    expectDenseRows(view, role)
    return (view.extents[0], a, b, c)
  }

  private func windows(_ size: Int, _ window: Int, _ stride: Int, _ padding: Int) -> Int {
    guard window >= 1, size + 2 * padding >= window else { return 0 }
    return (size + 2 * padding - window) / stride + 1
  }
}
