/// One axis of a shape: a multiple of the symbolic batch dimension `B`, or a number known at compile time.
public enum Dimension: Sendable, Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral {
  /// So many times the rows of a step, those of a row one after the other. Prints as `B`, or `B32`.
  case batches(Int)
  case fixed(Int)

  /// The rows of a step.
  public static let batch = Dimension.batches(1)

  public init(integerLiteral value: Int) { self = .fixed(value) }

  /// Reads `B`, `B32` or a number; nil for any other text.
  public init?(text: String) {
    if text == "B" {
      self = .batch
    } else if text.hasPrefix("B"), let times = Int(text.dropFirst()), times > 1 {
      self = .batches(times)
    } else if let size = Int(text) {
      self = .fixed(size)
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .batches(1): "B"
    case .batches(let times): "B\(times)"
    case .fixed(let size): String(size)
    }
  }

  /// The size for a step of `batch` rows.
  public func size(batch: Int) -> Int {
    switch self {
    case .batches(let times): times * batch
    case .fixed(let size): size
    }
  }

  /// What is known at compile time of the size: all of it, or how many times the rows of a step it is.
  public var fixedFactor: Int {
    switch self {
    case .batches(let times): times
    case .fixed(let size): size
    }
  }

  /// Whether the size depends on the rows of a step.
  public var isBatch: Bool { fixedSize == nil }

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
  public var hasBatch: Bool { batchAxis != nil }
  /// The axis whose size depends on the rows of a step.
  public var batchAxis: Int? { dimensions.firstIndex(where: \.isBatch) }
  public subscript(axis: Int) -> Dimension { dimensions[axis] }
  public var last: Dimension? { dimensions.last }

  /// The sizes for a step of `batch` rows.
  public func sizes(batch: Int) -> [Int] { dimensions.map { $0.size(batch: batch) } }

  /// The number of elements for a step of `batch` rows (1 for a scalar).
  public func count(batch: Int) -> Int { dimensions.reduce(1) { $0 * $1.size(batch: batch) } }

  /// The element count, or with a batch axis the elements of each row of a step.
  public var fixedCount: Int { dimensions.reduce(1) { $0 * $1.fixedFactor } }

  public var description: String {
    "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
  }
}
