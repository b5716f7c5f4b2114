import GraphIR

/// Keys that several models share.
public enum ModelKeys {
  public static let activation = SpecKey.choice(
    "activation", default: Activation.relu,
    "The activation of hidden layers. `leaky_relu` has slope 0.01 below 0, `prelu` and `dice` a"
      + " learned one for each unit; `dice` also runs on batch statistics, as `batch_norm` does.")
  package static let interaction = SpecKey.section(
    "interaction",
    "What crosses the features before the first layers; with the keys of `model.interaction`.")
  package static let ensemble = SpecKey.section(
    "ensemble", "Makes the model many that share weights; with the keys of `model.ensemble`.")
  public static let dropout = SpecKey.number(
    "dropout", default: 0, .share, "The share of hidden units that training drops at random.")
  public static let towerHiddenUnits = SpecKey.units(
    "tower_hidden_units", default: [32], "The hidden layers of each task's tower.")

  public static let batchNorm = SpecKey.boolean(
    "batch_norm", default: false,
    "Normalizes each hidden unit by its mean and variance over the batch before the activation, and"
      + " by running ones when predicting (Ioffe and Szegedy, ICML 2015).")
  public static let batchNormMomentum = SpecKey.number(
    "batch_norm_momentum", default: 0.9, .share,
    "The share of the running mean and variance that a step leaves as it is.")

  public static let batchNormEpsilon = SpecKey.number(
    "batch_norm_epsilon", default: 1e-3, .positive, "Added to the variance.")

  public static let layerNorm = SpecKey.boolean(
    "layer_norm", default: false,
    "Normalizes each row by the mean and variance of a layer's units before the activation (Ba,"
      + " Kiros and Hinton, 2016); not beside `batch_norm`.")
  public static let layerNormEpsilon = SpecKey.number(
    "layer_norm_epsilon", default: 1e-3, .positive, "Added to the variance.")

  /// The keys of `LayerStyle`.
  static let style: [any AnySpecKey] = [
    activation, dropout, batchNorm, batchNormMomentum, batchNormEpsilon, layerNorm,
    layerNormEpsilon,
  ]
}

extension SectionReader {
  /// The style that the shared keys ask for.
  var style: LayerStyle {
    func refuse(_ keys: [any AnySpecKey], without owner: SpecKey<Bool>) {
      for key in keys where isSet(key) && !self[owner] {
        report("goes only with \(quoted(owner.name))", key)
      }
    }
    refuse([ModelKeys.batchNormMomentum, ModelKeys.batchNormEpsilon], without: ModelKeys.batchNorm)
    refuse([ModelKeys.layerNormEpsilon], without: ModelKeys.layerNorm)
    if self[ModelKeys.batchNorm], self[ModelKeys.layerNorm] {
      report("does not go with \(quoted(ModelKeys.batchNorm.name))", ModelKeys.layerNorm)
    }
    let batch = BatchNormalization(
      momentum: self[ModelKeys.batchNormMomentum], epsilon: self[ModelKeys.batchNormEpsilon])
    return LayerStyle(
      activation: self[ModelKeys.activation], dropout: self[ModelKeys.dropout],
      normalization: self[ModelKeys.batchNorm]
        ? .batch(batch)
        : self[ModelKeys.layerNorm] ? .layer(epsilon: self[ModelKeys.layerNormEpsilon]) : .none)
  }
}

extension LayerStyle {
  func with(l2: Double) -> LayerStyle {
    var style = self
    style.l2 = l2
    return style
  }
}
