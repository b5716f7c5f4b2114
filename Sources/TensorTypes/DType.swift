/// The element type of a tensor.
///
/// `bool` is the type of masks. The eager engine and the executor store a mask as 0 and 1 in the
/// type they compute with; the separate type keeps masks out of arithmetic.
public enum DType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case f32
  /// Row numbers of embedding tables; a negative id means "no id here" (padding).
  case i32
  case bool

  public var description: String { rawValue }
}
