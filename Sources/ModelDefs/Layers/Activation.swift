import GraphIR

/// An activation of hidden layers, as a spec names it. Each is made of ordinary ops; the passes find
/// those that a product can apply to what it stores (`EpilogueActivation`).
public enum Activation: String, Sendable, Hashable, CaseIterable {
  case relu, sigmoid, tanh
  /// x·σ(x) (S. Elfwing, E. Uchibe, K. Doya, Neural Networks 107, 2018), also known as swish.
  case silu
  /// x·Φ(x) by its approximation x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) (D. Hendrycks, K. Gimpel,
  /// "Gaussian Error Linear Units", arXiv:1606.08415, 2016, section 2), within 5·10⁻⁴ of it.
  case gelu
  /// x for x > 0 and x/100 below (A. Maas, A. Hannun, A. Ng, ICML 2013).
  case leakyReLU = "leaky_relu"
  /// x for x > 0 and a·x below, with a learned a for each unit (K. He, X. Zhang, S. Ren, J. Sun,
  /// ICCV 2015, eq. 1).
  case prelu
  /// p·x + (1 − p)·a·x with p = σ((x − μ)/√(σ² + ε)) and a learned a for each unit (G. Zhou et al.,
  /// "Deep Interest Network for Click-Through Rate Prediction", KDD 2018, eq. 4).
  case dice

  /// The slope of `leaky_relu` below 0.
  package static let leak = 0.01
  /// Where the learned slopes of `prelu` start (He et al., section 2.1).
  package static let firstSlope = 0.25
  /// The running statistics of `dice`, with the ε of eq. 4.
  package static let diceStatistics = BatchNormalization(momentum: 0.9, epsilon: 1e-8)
}

extension Emitter {
  /// act(x), element by element, of the shape of x.
  ///
  /// `prelu` and `dice` take x f32[B, n] and have a parameter `<name>.slope` f32[n]; `dice` also
  /// `<name>.mean` and `<name>.variance`, the running statistics of its units.
  package func activate(_ x: Tensor, _ activation: Activation, name: String) throws -> Tensor {
    switch activation {
    case .relu: return try relu(x)
    case .sigmoid: return try sigmoid(x)
    case .tanh: return try tanh(x)
    case .silu: return try mul(x, sigmoid(x))
    case .gelu:
      let cube = try mul(square(x), x)
      let inner = try scale(
        add(x, scale(cube, by: 0.044715)), by: (2 / Double.pi).squareRoot())
      return try mul(scale(x, by: 0.5), add(tanh(inner), constant(1)))
    case .leakyReLU: return try max(x, scale(x, by: Activation.leak))
    case .prelu:
      let slope = try parameter(
        column(of: x, "\(name).slope", Activation.firstSlope, isTrainable: true))
      return try add(relu(x), mul(slope, min(x, constant(0))))
    case .dice:
      let slope = try parameter(column(of: x, "\(name).slope", 0, isTrainable: true))
      let (centered, factor) = try batchStandardized(x, name: name, Activation.diceStatistics)
      let share = try sigmoid(mul(centered, factor))
      // p·x + (1 − p)·a·x = x·(a + p·(1 − a)).
      return try mul(x, add(slope, mul(share, sub(constant(1), slope))))
    }
  }
}
