import GraphIR
import Plan
import TensorTypes

/// Memory that values live in before the arena is laid out. A storage's index is the `BufferID`
/// that views use.
struct Storage {
  var space: Buffer.Space
  /// Meaningful outside the arena only.
  var offset: Int
  var count: Int
  var dtype: DType
  var label: String
}

/// The storages of one program.
struct StorageTable {
  let capacity: Int
  private(set) var storages: [Storage] = []
  private(set) var feedFloats = 0
  private var parameterBuffer: BufferID?
  private var gradientBuffer: BufferID?

  init(capacity: Int) { self.capacity = capacity }

  private mutating func add(_ storage: Storage) -> BufferID {
    storages.append(storage)
    return BufferID(storages.count - 1)
  }

  /// A fresh contiguous tensor of the arena.
  mutating func temporary(_ type: TensorType, label: String) throws -> View {
    let count = try elements(type.shape)
    let id = add(
      Storage(space: .arena, offset: 0, count: count, dtype: Self.stored(type.dtype), label: label))
    return Views.contiguous(id, type.shape, capacity: capacity)
  }

  /// A feed matrix. Feeds follow each other, each on its own cache line.
  mutating func feed(_ id: InputID, _ type: TensorType) throws -> View {
    let count = try elements(type.shape)
    let buffer = add(
      Storage(
        space: .feeds, offset: feedFloats, count: count, dtype: Self.stored(type.dtype),
        label: id.name))
    feedFloats += (count + 15) / 16 * 16
    return Views.contiguous(buffer, type.shape, capacity: capacity)
  }

  /// The feed of that name, a matrix with a row for each row of the run.
  mutating func feed(_ name: String, width: Int, _ dtype: DType) throws -> View {
    let type = TensorType(dtype, [.batch, .fixed(width)])
    let known = storages.firstIndex { $0.space == .feeds && $0.label == name }
    if let known {
      return Views.contiguous(BufferID(known), type.shape, capacity: capacity)
    }
    return try feed(InputID(name), type)
  }

  /// The buffer that is the whole parameter block.
  mutating func parameterBlock(_ layout: ParameterLayout) -> BufferID {
    if let parameterBuffer { return parameterBuffer }
    let id = add(
      Storage(
        space: .parameters, offset: 0, count: layout.floats, dtype: .f32, label: "parameters"))
    parameterBuffer = id
    return id
  }

  /// The buffer that is the whole gradient block.
  mutating func gradientBlock(_ layout: ParameterLayout) -> BufferID {
    if let gradientBuffer { return gradientBuffer }
    let id = add(
      Storage(space: .gradients, offset: 0, count: layout.floats, dtype: .f32, label: "gradients"))
    gradientBuffer = id
    return id
  }

  /// A parameter's view of the parameter block, under its declared shape.
  mutating func parameter(
    _ record: ParameterRecord, _ shape: Shape, layout: ParameterLayout
  ) -> View {
    block(parameterBlock(layout), record, shape)
  }

  /// The place of a parameter's gradient in the gradient block.
  mutating func gradient(
    _ record: ParameterRecord, _ shape: Shape, layout: ParameterLayout
  ) -> View {
    block(gradientBlock(layout), record, shape)
  }

  private func block(_ buffer: BufferID, _ record: ParameterRecord, _ shape: Shape) -> View {
    var strides = Views.contiguousStrides(shape, capacity: capacity)
    if shape.rank >= 2 {
      // All axes but the last walk over rows of `rowStride`.
      var next = record.rowStride
      for axis in stride(from: shape.rank - 2, through: 0, by: -1) {
        strides[axis] = next
        next *= shape[axis].fixedSize ?? 1
      }
    }
    return View(
      buffer: buffer, offset: record.offset, extents: Views.extents(shape), strides: strides)
  }

  func space(_ view: View) -> Buffer.Space { storages[view.buffer.index].space }

  private func elements(_ shape: Shape) throws -> Int {
    var count = 1
    for dimension in shape.dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(
        by: dimension.size(batch: capacity))
      guard !overflow, product < Int.max / 64 else {
        throw LoweringError("a tensor of shape \(shape) needs more memory than can be addressed")
      }
      count = product
    }
    return count
  }

  /// Masks are stored as floats.
  private static func stored(_ dtype: DType) -> DType { dtype == .i32 ? .i32 : .f32 }
}
