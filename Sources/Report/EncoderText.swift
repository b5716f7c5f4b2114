import Schema

/// How a feature is read, in a few words.
package enum EncoderText {
  package static func text(_ encoder: FeatureSchema.Encoder) -> String {
    switch encoder {
    case .id(let encoding): name(encoding)
    case .numeric(let normalizer):
      if let curve = normalizer.curve {
        curve.bins.map { "number in \($0) bins" } ?? "number, quantiles"
      } else {
        normalizer.logarithm ? "number, logarithm" : "number"
      }
    case .bucketized(let boundaries): "\(boundaries.count + 1) buckets"
    case .cross(let columns, _): "hashed from \(columns.joined(separator: " × "))"
    case .vector(let layout): "\(layout.dim) numbers"
    case .sequence(let encoding, let layout): "up to \(layout.maxLength) of \(name(encoding))"
    }
  }

  private static func name(_ encoding: IdEncoding) -> String {
    switch encoding {
    case .vocabulary: "vocabulary"
    case .hash: "hash"
    case .identity: "integer"
    }
  }
}
