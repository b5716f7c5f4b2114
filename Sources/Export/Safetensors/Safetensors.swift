/// The tensors of a safetensors file: a header, which `SafetensorsHeader` describes, and the values.
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
}
