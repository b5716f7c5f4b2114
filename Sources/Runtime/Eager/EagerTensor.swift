import TensorTypes

/// The elements of a tensor in row-major order.
public enum EagerStorage<Scalar: EagerScalar>: Sendable {
  case floats([Scalar])
  case ids([Int32])
  case mask([Bool])

  public var count: Int {
    switch self {
    case .floats(let values): values.count
    case .ids(let values): values.count
    case .mask(let values): values.count
    }
  }

  public var dtype: DType {
    switch self {
    case .floats: .f32
    case .ids: .i32
    case .mask: .bool
    }
  }

  /// The elements as numbers; a mask gives 0 and 1.
  public var floats: [Scalar] {
    switch self {
    case .floats(let values): values
    case .ids(let values): values.map { Scalar($0) }
    case .mask(let values): values.map { $0 ? 1 : 0 }
    }
  }

  /// Floats of the executor's type.
  public static func floats(converting values: [Float]) -> EagerStorage {
    // The cast costs nothing where the types agree; the conversion is not specialised here.
    .floats(values as? [Scalar] ?? values.map { Scalar($0) })
  }
}

/// A value that the eager engine computed. It does not change; copies share their elements.
public struct EagerTensor<Scalar: EagerScalar>: Sendable {
  /// Its number among the tensors of its engine.
  public let id: Int
  /// The type as the graph builder would see it: the batch axis is symbolic.
  public let type: TensorType
  /// The sizes of this step.
  public let sizes: [Int]
  public let storage: EagerStorage<Scalar>

  init(id: Int, type: TensorType, sizes: [Int], storage: EagerStorage<Scalar>) {
    self.id = id
    self.type = type
    self.sizes = sizes
    self.storage = storage
  }

  public var count: Int { storage.count }
  /// The elements as numbers in row-major order; a mask gives 0 and 1.
  public var floats: [Scalar] { storage.floats }
  /// The element of a tensor that has just one.
  public var scalar: Scalar? { count == 1 ? floats.first : nil }

  var ids: [Int32] {
    if case .ids(let values) = storage { values } else { [] }
  }
  var mask: [Bool] {
    if case .mask(let values) = storage { values } else { [] }
  }
}
