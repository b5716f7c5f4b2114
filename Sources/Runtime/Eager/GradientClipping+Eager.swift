import Schema

extension GradientClipping {
  /// The gradients of one step, clipped and scaled.
  func applied<Scalar: EagerScalar>(to gradients: [[Scalar]]) -> [[Scalar]] {
    var gradients = gradients
    if let value {
      let bound = Scalar(value)
      gradients = gradients.map { $0.map { Swift.min(Swift.max($0, -bound), bound) } }
    }
    guard let norm else { return gradients }
    var squares = 0.0
    for gradient in gradients {
      for element in gradient { squares += Double(element) * Double(element) }
    }
    guard squares.squareRoot() > norm else { return gradients }
    let factor = Scalar(norm / squares.squareRoot())
    return gradients.map { $0.map { $0 * factor } }
  }
}
