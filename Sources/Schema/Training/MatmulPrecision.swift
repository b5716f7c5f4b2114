/// How exactly the numbers are taken that the large matrix products of a training step multiply; sums
/// and everything else are floats. The names are those of JAX and PyTorch.
///
/// Less than `highest` is a permission: it is used where the processor has tiles of bfloat16 and the
/// product is large enough to gain from them. Predictions and the eager mode do not use it.
public enum MatmulPrecision: String, Sendable, Hashable, CaseIterable {
  /// As floats.
  case highest
  /// As the sum of two bfloat16: within 2⁻¹⁷ of each number.
  case high
  /// As the nearest bfloat16: within 2⁻⁸ of each number.
  case medium
}
