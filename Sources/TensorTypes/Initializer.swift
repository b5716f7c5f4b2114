/// How a parameter starts. Random values depend only on the seed, the parameter's name and the
/// element's index.
public enum Initializer: Sendable, Hashable {
  case constant(Double)
  /// Normal with mean 0 and this standard deviation.
  case normal(Double)
  /// Uniform in ±limit.
  case uniform(Double)
}
