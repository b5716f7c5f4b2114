import GraphIR

/// An activation of hidden layers, as a spec names it. Each is made of ordinary ops; the passes find
/// those that a product can apply to what it stores (`EpilogueActivation`).
public enum Activation: String, Sendable, Hashable, CaseIterable {
  case relu, sigmoid, tanh
  /// x·σ(x) (S. Elfwing, E. Uchibe, K. Doya, Neural Networks 107, 2018), also known as swish.
  case silu
}

extension Emitter {
  /// act(x), element by element.
  public func activate(_ x: Tensor, _ activation: Activation) throws -> Tensor {
    switch activation {
    case .relu: try relu(x)
    case .sigmoid: try sigmoid(x)
    case .tanh: try tanh(x)
    case .silu: try mul(x, sigmoid(x))
    }
  }
}
