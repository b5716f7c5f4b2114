import Plan
import TensorTypes

extension Linker {
  /// A matrix in memory, or `groups` of them.
  struct Matrix {
    var pointer: UnsafeMutablePointer<Float>
    var rows: Extent
    var columns: Extent
    /// Elements from one row to the next.
    var stride: Int
    var groupStride: Int
    /// Memory holds the transpose: `stride` leads from column to column.
    var isTransposed = false

    var fixedColumns: Int {
      if case .fixed(let size) = columns { size } else { 0 }
    }

    /// Address and stride for a kernel that reads the matrix, and for one that writes it.
    var source: (UnsafePointer<Float>?, Int64) { (UnsafePointer(pointer), Int64(stride)) }
    var target: (UnsafeMutablePointer<Float>?, Int64) { (pointer, Int64(stride)) }
  }

  func size(_ extent: Extent) -> Int { extent.size(rows: program.batchCapacity) }

  /// The address of a view's first element. Throws unless all that the extents and strides reach
  /// lies inside the buffer, the buffer inside its space, and the element type is the wanted one.
  func resolve(
    _ view: View, extents: [Extent], strides: [Int], isInteger: Bool? = nil, _ what: String
  ) throws(LinkError) -> UnsafeMutableRawPointer {
    guard program.buffers.indices.contains(view.buffer.index) else {
      throw fault("\(what): there is no buffer \(view.buffer)")
    }
    let buffer = program[view.buffer]
    let block: MemoryBlock
    switch buffer.space {
    case .arena: block = arena
    case .feeds: block = feeds
    case .parameters: block = shared.parameters
    case .gradients: block = shared.gradients
    }
    let (end, overflow) = buffer.offset.addingReportingOverflow(buffer.count)
    guard buffer.offset >= 0, buffer.count >= 0, !overflow, end <= block.bytes / 4 else {
      throw fault("\(what): buffer \(view.buffer) lies outside its space")
    }
    guard extents.count == strides.count, extents.count <= 4 else {
      throw fault("\(what): \(extents.count) extents and \(strides.count) strides")
    }
    var last = view.offset
    for (extent, stride) in zip(extents, strides) {
      let count = size(extent)
      guard count >= 0, stride >= 0 else {
        throw fault("\(what): a negative extent or stride")
      }
      if count == 0 { continue }
      let (reach, tooFar) = (count - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(reach)
      guard !tooFar, !beyond else { throw fault("\(what): the view leaves its buffer") }
      last = sum
    }
    guard view.offset >= 0, last < max(buffer.count, 1) else {
      throw fault(
        "\(what): the view reaches element \(last) of buffer \(view.buffer), which has "
          + "\(buffer.count)")
    }
    if let isInteger, isInteger != (buffer.dtype == .i32) {
      throw fault("\(what): buffer \(view.buffer) holds \(buffer.dtype)")
    }
    if let base = feedBases[view.buffer.index] { return base + 4 * view.offset }
    return block.base + 4 * (buffer.offset + view.offset)
  }

  func pointer(_ view: View, isInteger: Bool = false, _ what: String) throws(LinkError)
    -> UnsafeMutableRawPointer
  {
    try resolve(
      view, extents: view.extents, strides: view.strides, isInteger: isInteger, what)
  }

  /// A view as a matrix: rank 2, rank 1 as one row, rank 3 with the group first.
  func matrix(
    _ view: View, groups: Int = 1, mayTranspose: Bool = false, writes: Bool = false, _ what: String
  ) throws(LinkError) -> Matrix {
    let address = try pointer(view, what).assumingMemoryBound(to: Float.self)
    var extents = view.extents
    var strides = view.strides
    var groupStride = 0
    if extents.count == 3 || (groups > 1 && extents.count == 2) {
      guard size(extents[0]) == groups else {
        throw fault("\(what): \(extents[0]) groups, the instruction has \(groups)")
      }
      groupStride = strides[0]
      extents.removeFirst()
      strides.removeFirst()
    } else if groups > 1 {
      throw fault("\(what): no axis for \(groups) groups")
    }
    if extents.count == 1 {
      extents.insert(.fixed(1), at: 0)
      strides.insert(0, at: 0)
    }
    guard extents.count == 2 else { throw fault("\(what): rank \(view.extents.count)") }
    let oneRow = extents[0] == .fixed(1)
    let oneColumn = extents[1] == .fixed(1)
    var result = Matrix(
      pointer: address, rows: extents[0], columns: extents[1], stride: strides[0],
      groupStride: groupStride)
    if strides[1] == 1 || oneColumn {
      if oneRow { result.stride = max(size(extents[1]), strides[0]) }
    } else if mayTranspose, strides[0] == 1 || oneRow {
      result.stride = strides[1]
      result.isTransposed = true
    } else {
      throw fault("\(what): elements of a row are \(strides[1]) apart")
    }
    if writes, !oneRow, result.stride < size(extents[1]) {
      throw fault("\(what): rows \(result.stride) apart overlap")
    }
    return result
  }

  /// A vector with neighbouring elements: rank 1, or rank 2 with one row.
  func vector(_ view: View, groups: Int = 1, count: Extent, _ what: String) throws(LinkError)
    -> Matrix
  {
    let result = try matrix(view, groups: groups, what)
    guard result.rows == .fixed(1), size(result.columns) == size(count) else {
      throw fault("\(what): \(result.rows)×\(result.columns), expected \(count) elements")
    }
    return result
  }

  func check(_ found: Extent, _ expected: Extent, _ what: String) throws(LinkError) {
    guard found == expected || (size(found) == size(expected) && !isBatch(found, expected)) else {
      throw fault("\(what): size \(found), expected \(expected)")
    }
  }

  private func isBatch(_ a: Extent, _ b: Extent) -> Bool {
    switch (a, b) {
    case (.fixed, .fixed): false
    case (.batch, _), (_, .batch): true
    }
  }
}
