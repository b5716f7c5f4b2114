import TensorTypes

/// The place of a buffer in its program's table. Prints as `&3`.
package struct BufferID: Sendable, Hashable, CustomStringConvertible {
  package var index: Int
  package init(_ index: Int) { self.index = index }
  package var description: String { "&\(index)" }
}

/// A run of 4-byte elements.
package struct Buffer: Sendable, Hashable {
  package enum Space: Sendable, Hashable {
    /// Scratch of one run; shared by buffers whose lifetimes do not overlap.
    case arena
    /// The feed block of this program; written by the caller, read-only for instructions.
    case feeds
    /// The parameter block, shared by all programs of the plan.
    case parameters
    /// The gradient block, laid out as the parameter block.
    case gradients
  }
  package var space: Space
  /// The first element, in elements from the start of the space.
  package var offset: Int
  /// Elements, at the batch capacity.
  package var count: Int
  /// f32, or i32 for ids. Masks are f32 0 and 1.
  package var dtype: DType
  /// The first and the last instruction that touches it (arena only; fetches live to the end).
  package var lifetime: ClosedRange<Int>?
  /// What it holds, for reports.
  package var label: String

  package init(
    space: Space, offset: Int, count: Int, dtype: DType, lifetime: ClosedRange<Int>? = nil,
    label: String = ""
  ) {
    self.space = space
    self.offset = offset
    self.count = count
    self.dtype = dtype
    self.lifetime = lifetime
    self.label = label
  }
}

/// A size that is known, or that many elements for each row of the run.
package enum Extent: Sendable, Hashable, CustomStringConvertible {
  case fixed(Int)
  case batch(times: Int)

  /// Saturates instead of overflowing.
  package func size(rows: Int) -> Int {
    switch self {
    case .fixed(let size): size
    case .batch(let times): rows.times(times)
    }
  }

  package var description: String {
    switch self {
    case .fixed(let size): "\(size)"
    case .batch(1): "B"
    case .batch(let times): "\(times)B"
    }
  }
}

/// Strided elements of a buffer: element [i0, i1 …] lies at offset + Σ i·stride. Stride 0 repeats.
package struct View: Sendable, Hashable {
  package var buffer: BufferID
  /// In elements from the start of the buffer.
  package var offset: Int
  /// At most four, outermost first.
  package var extents: [Extent]
  package var strides: [Int]

  package init(buffer: BufferID, offset: Int = 0, extents: [Extent], strides: [Int]) {
    self.buffer = buffer
    self.offset = offset
    self.extents = extents
    self.strides = strides
  }
}
