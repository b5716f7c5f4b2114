/// A file of vectors that an embedding table begins with.
public struct PretrainedVectors: Sendable, Hashable {
  public var path: String
  /// The tensor of a safetensors file; nil for the only one.
  public var tensor: String?
  /// A file with the key of each row of a matrix, one a line.
  public var keys: String?
  /// Whether training moves the table.
  public var isTrainable: Bool

  public init(path: String, tensor: String? = nil, keys: String? = nil, isTrainable: Bool = true) {
    self.path = path
    self.tensor = tensor
    self.keys = keys
    self.isTrainable = isTrainable
  }
}
