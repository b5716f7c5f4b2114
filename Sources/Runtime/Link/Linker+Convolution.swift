import CKernels
import Plan

extension Linker {
  mutating func link(_ i: ConvolutionInstruction) throws(LinkError) {
    let image = try images(i.image, "image")
    let result = try images(i.result, "result")
    try check(result.count, image.count, "result, images")
    let filter = try images(i.filter, "filter")
    guard i.stride > 0, i.padding >= 0, case .fixed(let height) = filter.count else {
      throw fault("stride \(i.stride), padding \(i.padding), \(filter.count) filter rows")
    }
    // A filter's axes are height, width, channels, units.
    let width = Int(filter.images.height)
    try require(
      filter.images.width == image.images.channels
        && filter.images.channels == result.images.channels,
      "the filter's channels")
    try require(
      fits(image.images.height, height, i.stride, i.padding, result.images.height)
        && fits(image.images.width, width, i.stride, i.padding, result.images.width),
      "the sizes of image and result")
    var args = mtlc_convolution_args()
    args.kind = i.kind.kernelConstant
    args.stride = Int64(i.stride)
    args.padding = Int64(i.padding)
    args.x = image.images
    args.y = result.images
    args.filter = filter.images.data
    args.filter_height = Int64(height)
    args.filter_width = Int64(width)
    args.filter_row_stride = filter.images.image_stride
    args.filter_column_stride = filter.images.row_stride
    args.filter_channel_stride = filter.images.pixel_stride
    add(convolutionKernel, args, (\.count, image.count))
  }

  mutating func link(_ i: PoolInstruction) throws(LinkError) {
    let image = try images(i.image, "image")
    let indices = try images(i.indices, isInteger: true, "indices")
    try check(indices.count, image.count, "indices, images")
    guard i.window > 0, i.stride > 0, i.window <= 1 << 15 else {
      throw fault("window \(i.window), stride \(i.stride)")
    }
    try require(
      indices.images.channels == image.images.channels
        && fits(image.images.height, i.window, i.stride, 0, indices.images.height)
        && fits(image.images.width, i.window, i.stride, 0, indices.images.width),
      "the sizes of image and indices")
    var args = mtlc_pool_args()
    args.kind = i.kind.kernelConstant
    args.window = Int64(i.window)
    args.stride = Int64(i.stride)
    args.x = image.images
    args.y = indices.images
    args.y.data = nil
    if let view = i.result {
      guard view.extents == i.indices.extents else { throw fault("the shape of the result") }
      args.y = try images(view, "result").images
    } else if i.kind != .largest {
      throw fault("no result")
    }
    args.indices = UnsafeMutableRawPointer(indices.images.data)?
      .assumingMemoryBound(to: Int32.self)
    args.index_image_stride = indices.images.image_stride
    args.index_row_stride = indices.images.row_stride
    args.index_pixel_stride = indices.images.pixel_stride
    add(poolKernel, args, (\.count, image.count))
  }

  /// A view of rank 4 with a dense last axis.
  private func images(_ view: View, isInteger: Bool = false, _ what: String) throws(LinkError)
    -> (count: Extent, images: mtlc_images)
  {
    let address = try pointer(view, isInteger: isInteger, what)
    guard view.extents.count == 4, case .fixed(let height) = view.extents[1],
      case .fixed(let width) = view.extents[2], case .fixed(let channels) = view.extents[3],
      view.strides[3] == 1 || channels == 1
    else { throw fault("\(what): these are no images") }
    var images = mtlc_images()
    images.data = address.assumingMemoryBound(to: Float.self)
    images.height = Int64(height)
    images.width = Int64(width)
    images.channels = Int64(channels)
    images.image_stride = Int64(view.strides[0])
    images.row_stride = Int64(view.strides[1])
    images.pixel_stride = Int64(view.strides[2])
    return (view.extents[0], images)
  }

  private func require(_ holds: Bool, _ what: String) throws(LinkError) {
    guard holds else { throw fault("\(what) do not fit together") }
  }

  private func fits(_ size: Int64, _ window: Int, _ stride: Int, _ padding: Int, _ result: Int64)
    -> Bool
  {
    let room = Int(size) + 2 * padding - window
    return room >= 0 && room / stride + 1 == Int(result)
  }
}

private let convolutionKernel = KernelFamily<mtlc_convolution_args>(
  { mtlc_convolution_tiles($0.typed()) }, { mtlc_convolution_run($0.typed(), $1, $2) })
private let poolKernel = KernelFamily<mtlc_pool_args>(
  { mtlc_pool_tiles($0.typed()) }, { mtlc_pool_run($0.typed(), $1, $2) })
