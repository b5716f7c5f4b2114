import GraphIR
import TensorTypes

/// The constants of batch normalization.
package struct BatchNormalization: Sendable, Hashable {
  /// The share of a running statistic that a step leaves, 0 ≤ momentum < 1.
  package var momentum: Double
  /// Added to the variance.
  package var epsilon: Double

  package init(momentum: Double = 0.9, epsilon: Double = 1e-3) {
    self.momentum = momentum
    self.epsilon = epsilon
  }
}

extension Emitter {
  /// γ·(x − μ)/√(σ² + ε) + β for each column: f32[B, n] → f32[B, n].
  ///
  /// S. Ioffe, C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
  /// Internal Covariate Shift", ICML 2015, algorithms 1 and 2. In training μ and σ² are the mean and
  /// the variance (over n, not n − 1) of the batch, and the running ones move towards them; they
  /// take their place otherwise.
  ///
  /// Parameters `<name>.scale` γ from 1 and `<name>.shift` β from 0, and, moved by no gradient,
  /// `<name>.mean` from 0 and `<name>.variance` from 1; each f32[n].
  package func batchNorm(
    _ x: Tensor, name: String, _ norm: BatchNormalization = BatchNormalization()
  ) throws -> Tensor {
    let scale = try parameter(column(of: x, "\(name).scale", 1, isTrainable: true))
    let shift = try parameter(column(of: x, "\(name).shift", 0, isTrainable: true))
    let (centered, factor) = try batchStandardized(x, name: name, norm)
    return try add(mul(centered, mul(factor, scale)), shift)
  }

  /// x − μ, f32[B, n], and 1/√(σ² + ε), f32[n], for each column: their product is x with mean 0 and
  /// variance 1.
  ///
  /// μ and σ² are those of the batch in training, and the running ones in the parameters
  /// `<name>.mean` and `<name>.variance` otherwise.
  func batchStandardized(
    _ x: Tensor, name: String, _ norm: BatchNormalization
  ) throws -> (centered: Tensor, factor: Tensor) {
    let running = try column(of: x, "\(name).mean", 0, isTrainable: false)
    let runningSquare = try column(of: x, "\(name).variance", 1, isTrainable: false)
    let mean = try parameter(running)
    var variance = try parameter(runningSquare)
    let centered: Tensor
    if isTraining {
      let rows = try batchSize()
      let batchMean = try div(sum(x, axes: [0]), rows)
      centered = try sub(x, batchMean)
      // Of the differences: a difference of means of squares would cancel.
      let batchVariance = try div(sum(square(centered), axes: [0]), rows)
      try move(running, from: mean, to: batchMean, norm)
      try move(runningSquare, from: variance, to: batchVariance, norm)
      variance = batchVariance
    } else {
      centered = try sub(x, mean)
    }
    return (centered, try unary(.rsqrt, add(variance, constant(norm.epsilon))))
  }

  /// A parameter with a number for each column of x f32[B, n]: f32[n].
  func column(
    of x: Tensor, _ name: String, _ start: Double, isTrainable: Bool
  ) throws -> Parameter {
    guard shape(of: x).rank == 2, let width = shape(of: x).last?.fixedSize else {
      throw TypeError(
        op: "parameter", "the input of \(name) has type \(type(of: x)), expected f32[B, *]")
    }
    return Parameter(
      ParameterID(name), .f32(.fixed(width)), .constant(start), isTrainable: isTrainable)
  }

  /// momentum·old + (1 − momentum)·new, at the end of the step.
  private func move(
    _ state: Parameter, from old: Tensor, to new: Tensor, _ norm: BatchNormalization
  ) throws {
    let next = try add(scale(old, by: norm.momentum), scale(new, by: 1 - norm.momentum))
    _ = try emit(.effect(.assign(state.id, state.type)), [next])
  }
}
