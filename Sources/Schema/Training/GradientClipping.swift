/// Bounds on the gradients of a step, before the optimizer adds the penalty of an L2 factor.
public struct GradientClipping: Sendable, Hashable {
  /// Each element is cut to [−value, value]; nil leaves them.
  public var value: Double?
  /// All gradients are scaled by min(1, norm / ‖g‖₂), the norm taken over all of them together and
  /// after `value`; nil leaves them.
  public var norm: Double?

  public init(value: Double? = nil, norm: Double? = nil) {
    self.value = value
    self.norm = norm
  }
}
