import Plan

/// The arena of a program as C arrays for one row, one for each buffer.
struct CBuffers {
  private let names: [String]
  private let counts: [Int]
  /// For each buffer that holds blocks of rows one after the other: the distance of two blocks, and their
  /// distance where there is one row. Nil for others.
  private let blocks: [(period: Int, width: Int)?]

  /// More floats than this have no place on a stack.
  static let maximumFloats = 1 << 18

  init(_ program: Program) throws(ExportError) {
    var uses = program.buffers.map { _ in [View]() }
    for view in program.instructions.flatMap({ $0.operands.map(\.view) }) {
      uses[view.buffer.index].append(view)
    }
    for fetch in program.fetches { uses[fetch.view.buffer.index].append(fetch.view) }
    var names: [String] = []
    var counts: [Int] = []
    var blocks: [(period: Int, width: Int)?] = []
    for (index, buffer) in program.buffers.enumerated() {
      // Labels are as `%83 linear`.
      let words = buffer.label.split(separator: " ").filter { !$0.hasPrefix("%") }.joined(
        separator: "_")
      names.append((words.isEmpty ? "value" : CNames.identifier(words)) + "_\(index)")
      let isArena = buffer.space == .arena
      let block =
        isArena ? Self.block(buffer, uses[index], capacity: program.batchCapacity) : nil
      blocks.append(block)
      let ends = uses[index].map { view in
        (Self.compact(view, block).bounds(rows: 1)?.upperBound ?? 0) + 1
      }
      counts.append(ends.max() ?? 1)
    }
    self.names = names
    self.counts = counts
    self.blocks = blocks
    let floats = zip(program.buffers, counts).reduce(0) {
      $1.0.space == .arena ? $0 + $1.1 : $0
    }
    guard floats <= Self.maximumFloats else {
      throw ExportError(
        "the values of one row take \(floats) floats, more than a stack has room for",
        hint: "C source is for models of at most \(Self.maximumFloats)")
    }
  }

  func name(_ buffer: BufferID) -> String { names[buffer.index] }
  /// Elements.
  func count(_ buffer: BufferID) -> Int { counts[buffer.index] }

  /// Where a view lies in the array of its buffer.
  func compact(_ view: View) -> (offset: Int, strides: [Int]) {
    let compact = Self.compact(view, blocks[view.buffer.index])
    return (compact.offset, compact.strides)
  }

  /// The layout of a buffer of several blocks `[capacity, width]`; nil of one block.
  private static func block(
    _ buffer: Buffer, _ views: [View], capacity: Int
  ) -> (period: Int, width: Int)? {
    var width: Int?
    for view in views {
      for (extent, stride) in zip(view.extents, view.strides) {
        guard case .batch(let times) = extent, stride > 0 else { continue }
        let own = times * stride
        guard width ?? own == own else { return nil }
        width = own
      }
    }
    guard let width else { return nil }
    let (period, overflow) = width.multipliedReportingOverflow(by: capacity)
    guard !overflow, period > 0, buffer.count > period else { return nil }
    // Each stride leads to another block, or stays inside of a row.
    let fits = views.allSatisfy { view in
      view.offset % period < width && view.strides.allSatisfy { $0 % period == 0 || $0 <= width }
    }
    return fits ? (period, width) : nil
  }

  private static func compact(_ view: View, _ block: (period: Int, width: Int)?) -> View {
    guard let block else { return view }
    func compact(_ distance: Int) -> Int {
      distance / block.period * block.width + distance % block.period
    }
    var view = view
    view.offset = compact(view.offset)
    view.strides = view.strides.map(compact)
    return view
  }
}
