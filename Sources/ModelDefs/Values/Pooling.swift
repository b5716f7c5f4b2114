/// How the embeddings of a sequence become one.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
  case sum, mean, max
  /// A mean weighted by how well each id fits a target.
  case attention
}
