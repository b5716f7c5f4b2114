import TensorTypes

/// A tensor that lives across steps: weights, and state such as running averages.
public struct Parameter: Sendable, Hashable {
  public var id: ParameterID
  public var type: TensorType
  public var initializer: Initializer
  /// Whether training moves it along its gradient.
  public var isTrainable: Bool
  /// λ of the penalty λ/2·‖w‖²: the optimizer adds λ·w to its gradient.
  public var l2: Double

  public init(
    _ id: ParameterID, _ type: TensorType, _ initializer: Initializer, isTrainable: Bool = true,
    l2: Double = 0
  ) {
    self.id = id
    self.type = type
    self.initializer = initializer
    self.isTrainable = isTrainable
    self.l2 = l2
  }
}
