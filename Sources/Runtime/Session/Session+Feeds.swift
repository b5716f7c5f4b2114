import Plan
import TensorTypes

/// Where the caller writes one feed: a row-major matrix of 4-byte elements, `capacity` rows.
/// Valid while its session lives.
public struct FeedBlock {
  public let name: String
  public let base: UnsafeMutableRawPointer
  /// Elements a row.
  public let width: Int
  /// Int32 instead of Float.
  public let isInteger: Bool
  /// Rows that it has room for.
  public let capacity: Int

  /// Its rows from one on.
  func rows(from first: Int) -> FeedBlock {
    FeedBlock(
      name: name, base: base + 4 * width * first, width: width, isInteger: isInteger,
      capacity: capacity - first)
  }
}

/// Where the caller reads one result: strided floats. Valid while its session lives; the contents
/// are those of the last run.
public struct FetchView {
  public let name: String
  public let base: UnsafePointer<Float>
  package let extents: [Extent]
  public let strides: [Int]

  /// A scalar result.
  public var scalar: Float { base.pointee }

  /// Element `[row, column]` of a matrix.
  public subscript(row: Int, column: Int) -> Float {
    base[row * (strides.first ?? 0) + column * (strides.count > 1 ? strides[1] : 1)]
  }

  /// All elements of a run of that many rows, row-major.
  public func values(rows: Int) -> [Float] {
    let sizes = extents.map { $0.size(rows: rows) }
    var result: [Float] = []
    result.reserveCapacity(sizes.reduce(1, *))
    append(axis: 0, at: 0, sizes, &result)
    return result
  }

  private func append(axis: Int, at place: Int, _ sizes: [Int], _ result: inout [Float]) {
    guard axis < sizes.count else {
      result.append(base[place])
      return
    }
    for k in 0..<sizes[axis] {
      append(axis: axis + 1, at: place + k * strides[axis], sizes, &result)
    }
  }
}

extension Session {
  /// The feed of that name, to be written before a run.
  public func feed(_ name: String, _ kind: Program.Kind) throws(SessionError) -> FeedBlock {
    let linked = try program(kind)
    guard let record = linked.program.feeds.first(where: { $0.name == name }) else {
      throw .noFeed(name)
    }
    let buffer = linked.program[record.buffer]
    return FeedBlock(
      name: name, base: linked.feeds.base + 4 * buffer.offset, width: record.width,
      isInteger: buffer.dtype == .i32, capacity: linked.program.batchCapacity)
  }

  /// All feeds of a program, in the plan's order.
  public func feeds(_ kind: Program.Kind) throws(SessionError) -> [FeedBlock] {
    var blocks: [FeedBlock] = []
    for record in try program(kind).program.feeds { blocks.append(try feed(record.name, kind)) }
    return blocks
  }

  /// The fetch of that name, to be read after a run.
  public func fetch(_ name: String, _ kind: Program.Kind) throws(SessionError) -> FetchView {
    let linked = try program(kind)
    guard let record = linked.program.fetches.first(where: { $0.name == name }) else {
      throw .noFetch(name)
    }
    let buffer = linked.program[record.view.buffer]
    let block = linked.block(buffer.space, shared)
    let base = block.base + 4 * (buffer.offset + record.view.offset)
    return FetchView(
      name: name, base: UnsafePointer(base.assumingMemoryBound(to: Float.self)),
      extents: record.view.extents, strides: record.view.strides)
  }

  /// Whether the program has such a fetch.
  public func hasFetch(_ name: String, _ kind: Program.Kind) -> Bool {
    plan.program(kind)?.fetches.contains { $0.name == name } ?? false
  }

  /// The rows that a program is laid out for; 0 when the plan has no such program.
  public func batchCapacity(_ kind: Program.Kind) -> Int {
    plan.program(kind)?.batchCapacity ?? 0
  }
}
