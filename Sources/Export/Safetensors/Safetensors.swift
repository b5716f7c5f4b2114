/// The tensors of a safetensors file (huggingface.co/docs/safetensors): 8 bytes with the length of a
/// header, little-endian; the header, a JSON object that says of each tensor its type, shape and place;
/// and the values.
package struct Safetensors: Sendable, Hashable {
  package struct Tensor: Sendable, Hashable {
    package var name: String
    package var shape: [Int]
    /// Row-major.
    package var values: [Float]

    package init(name: String, shape: [Int], values: [Float]) {
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  package var tensors: [Tensor]
  /// Texts about the file by their names.
  package var metadata: [String: String]

  package init(tensors: [Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The key of the header that holds the metadata.
  static let metadataKey = "__metadata__"
  /// Bytes of the header's length.
  package static let lengthBytes = 8
  /// Readers of the format refuse longer headers.
  package static let maximumHeaderBytes = 100_000_000
}
