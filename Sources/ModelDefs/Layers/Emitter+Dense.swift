import GraphIR
import TensorTypes

/// The output of a fully connected layer and of stacks of them.
extension Emitter {
  /// act(x·W + b): x f32[B, n] → f32[B, units].
  ///
  /// Parameters `<name>.kernel` f32[n, units], Glorot uniform, and `<name>.bias` f32[units]; those of
  /// the activation. An emitter whose layers have members has them as `memberDense` says.
  /// - Parameters:
  ///   - dropout: Of what comes out.
  ///   - l2: λ of the penalty on the kernel.
  ///   - biasStart: Where each bias starts.
  ///   - trainsBias: Whether it moves from there.
  ///   - isOutput: Whether the layer is the last one of a task.
  package func dense(
    _ x: Tensor, units: Int, activation: Activation? = nil, dropout: Double = 0, name: String,
    l2: Double = 0, hasBias: Bool = true, biasStart: Double = 0, trainsBias: Bool = true,
    isOutput: Bool = false
  ) throws -> Tensor {
    guard shape(of: x).rank == 2, let width = shape(of: x).last?.fixedSize else {
      throw TypeError(
        op: "dense", "the input of \(name) has type \(type(of: x)), expected f32[B, *]")
    }
    let layer = DenseLayerSizes(
      name: name, units: units, l2: l2, hasBias: hasBias, biasStart: biasStart,
      trainsBias: trainsBias, isOutput: isOutput)
    if let members = (self as? any MemberEmitter)?.members {
      return try memberDense(
        x, width: width, layer, members: members, activation, dropout: dropout)
    }
    let kernel = try parameter(
      Parameter(
        ParameterID("\(name).kernel"), .f32(.fixed(width), .fixed(units)),
        .uniform(layer.limit(width)), l2: l2))
    var y = try matmul(x, kernel)
    if hasBias {
      let bias = try parameter(
        Parameter(
          ParameterID("\(name).bias"), .f32(.fixed(units)), .constant(biasStart),
          isTrainable: trainsBias))
      y = try add(y, bias)
    }
    let active = try activation.map { try activate(y, $0, name: name) } ?? y
    return try self.dropout(active, rate: dropout)
  }

  /// Dense layers of these widths, each followed by the style's normalization, activation and
  /// dropout: f32[B, n] → f32[B, units.last]; the input itself for no layers.
  /// Parameters `<name>.dense.<layer>.…` and `<name>.norm.<layer>.…`.
  package func mlp(
    _ x: Tensor, units: [Int], name: String, _ style: LayerStyle
  ) throws -> Tensor {
    var h = x
    for (layer, width) in units.enumerated() {
      let dense = "\(name).dense.\(layer)"
      switch style.normalization {
      case .none:
        h = try self.dense(
          h, units: width, activation: style.activation, dropout: style.dropout, name: dense,
          l2: style.l2)
      case .batch(let norm):
        // The shift of the normalization does what a bias would.
        h = try self.dense(h, units: width, name: dense, l2: style.l2, hasBias: false)
        h = try batchNorm(h, name: "\(name).norm.\(layer)", norm)
        h = try dropout(activate(h, style.activation, name: dense), rate: style.dropout)
      case .layer(let epsilon):
        h = try self.dense(h, units: width, name: dense, l2: style.l2)
        h = try layerNorm(h, name: "\(name).norm.\(layer)", epsilon: epsilon)
        h = try dropout(activate(h, style.activation, name: dense), rate: style.dropout)
      }
    }
    return h
  }

  /// Zeroes each element with this probability and scales the others by 1 / (1 − rate), when
  /// training; the input itself otherwise.
  package func dropout(_ x: Tensor, rate: Double) throws -> Tensor {
    guard isTraining, rate > 0 else { return x }
    let kept = try compare(.greaterEqual, random(shape(of: x)), constant(rate))
    return try select(kept, scale(x, by: 1 / (1 - rate)), constant(0))
  }
}

/// A dense layer but for its input and activation.
struct DenseLayerSizes {
  var name: String
  var units: Int
  var l2: Double
  var hasBias: Bool
  var biasStart: Double
  var trainsBias: Bool
  var isOutput: Bool

  /// Of the uniform start values of the kernel (X. Glorot, Y. Bengio, AISTATS 2010).
  func limit(_ width: Int) -> Double { (6 / Double(max(width + units, 1))).squareRoot() }
}

/// What the hidden layers of a model have in common.
package struct LayerStyle: Sendable, Hashable {
  package var activation: Activation
  /// The share of a hidden layer's outputs that training drops, 0 ≤ rate < 1.
  package var dropout: Double
  /// λ of the penalty on the kernels.
  package var l2: Double
  /// Between a hidden layer and its activation.
  package var normalization: Normalization

  package init(
    activation: Activation = .relu, dropout: Double = 0, l2: Double = 0,
    normalization: Normalization = .none
  ) {
    self.activation = activation
    self.dropout = dropout
    self.l2 = l2
    self.normalization = normalization
  }
}

/// What brings the outputs of a hidden layer to one scale.
package enum Normalization: Sendable, Hashable {
  case none
  /// Each unit over the batch.
  case batch(BatchNormalization)
  /// Each row over its units.
  case layer(epsilon: Double)
}
