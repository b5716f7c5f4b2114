/// One axis of a shape: the symbolic batch dimension `B`, or a number known at compile time.
public enum Dimension: Sendable, Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral {
  case batch
  case fixed(Int)

  public init(integerLiteral value: Int) { self = .fixed(value) }

  public var description: String {
    switch self {
    case .batch: "B"
    case .fixed(let size): String(size)
    }
  }

  /// The size for a step of `batch` rows.
  public func size(batch: Int) -> Int {
    switch self {
    case .batch: batch
    case .fixed(let size): size
    }
  }

  /// The size where it is static.
  public var fixedSize: Int? {
    if case .fixed(let size) = self { size } else { nil }
  }
}

/// The axes of a tensor, outermost first. Prints as `[B, 16]`; a scalar is `[]`.
public struct Shape: Sendable, Hashable, CustomStringConvertible, ExpressibleByArrayLiteral {
  public var dimensions: [Dimension]

  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }
  public init(arrayLiteral elements: Dimension...) { self.dimensions = elements }

  public static var scalar: Shape { Shape([]) }

  public var rank: Int { dimensions.count }
  public var isScalar: Bool { dimensions.isEmpty }
  public var hasBatch: Bool { dimensions.contains(.batch) }
  public subscript(axis: Int) -> Dimension { dimensions[axis] }
  public var last: Dimension? { dimensions.last }

  /// The sizes for a step of `batch` rows.
  public func sizes(batch: Int) -> [Int] { dimensions.map { $0.size(batch: batch) } }

  /// The number of elements for a step of `batch` rows (1 for a scalar).
  public func count(batch: Int) -> Int { dimensions.reduce(1) { $0 * $1.size(batch: batch) } }

  /// The product of the static dimensions: the element count, or with a batch axis the elements a row.
  public var fixedCount: Int { dimensions.reduce(1) { $0 * ($1.fixedSize ?? 1) } }

  public var description: String {
    "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
  }
}
