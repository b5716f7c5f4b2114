/// The static type of a value: element type and shape. Prints as `f32[B, 16]`.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
  public var dtype: DType
  public var shape: Shape

  public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  public static func f32(_ dimensions: Dimension...) -> TensorType {
    TensorType(.f32, Shape(dimensions))
  }
  public static func i32(_ dimensions: Dimension...) -> TensorType {
    TensorType(.i32, Shape(dimensions))
  }
  public static func bool(_ dimensions: Dimension...) -> TensorType {
    TensorType(.bool, Shape(dimensions))
  }

  public var description: String { dtype.description + shape.description }
}
