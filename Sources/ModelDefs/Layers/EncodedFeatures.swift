import GraphIR

/// The features of a step as tensors.
package struct EncodedFeatures<Tensor> {
  /// f32[B, *] per feature that is not a plain number, in the declared order.
  package var parts: [(name: String, tensor: Tensor)]
  /// All plain numbers, f32[B, n].
  package var numeric: Tensor?
  /// The names of the parts that are embeddings, of an id or pooled.
  package var embedded: Set<String> = []

  /// The embeddings, in the declared order.
  var embeddings: [Tensor] { parts.filter { embedded.contains($0.name) }.map(\.tensor) }

  func adding(_ tensor: Tensor, named name: String) -> Self {
    var features = self
    features.parts.append((name, tensor))
    return features
  }
}

extension Emitter {
  /// Everything side by side, f32[B, *].
  package func concatenated(_ features: EncodedFeatures<Tensor>) throws -> Tensor {
    let all = features.parts.map(\.tensor) + (features.numeric.map { [$0] } ?? [])
    guard let first = all.first else { throw ModelError("the model has no features") }
    return all.count == 1 ? first : try concat(all, axis: 1)
  }
}
