/// The keys of `model.interaction`.
public enum InteractionKeys {
  public static let layers = SpecKey.integer(
    "layers", default: 2, in: 1...SpecLimits.layers, "How many times the features are crossed.")
  public static let rank = SpecKey.integer(
    "rank", default: 64, in: 1...SpecLimits.units,
    "The matrix of a layer is a product of two of this inner size, U·Vᵀ."
  ).optional("a full matrix")

  static let variants = SpecVariants(
    noun: "interaction", at: "model.interaction",
    [
      (
        "dcn_v2",
        "A deep and cross network (Wang et al., WWW 2021, DCN-V2): x_{l+1} = x_0 ⊙ (W·x_l + b) +"
          + " x_l over all features side by side; the model reads the last one.",
        [layers, rank]
      ),
      (
        "fm",
        "A factorization machine (Rendle, ICDM 2010): the sum of the inner products of all pairs of"
          + " embeddings, which the model reads beside the features. They have one width.",
        []
      ),
      (
        "bi_interaction",
        "The sum of the products, element by element, of all pairs of embeddings (He and Chua, SIGIR"
          + " 2017), which the model reads beside the features. They have one width.",
        []
      ),
    ])

  /// The interaction of a section; nil when it could not be made out (and was reported).
  static func read(_ node: SpecNode) -> Interaction? {
    guard let (type, section) = variants.read(node) else { return nil }
    switch type {
    case "dcn_v2": return .crossNetwork(layers: section[layers], rank: section[rank])
    case "fm": return .factorizationMachine
    default: return .biInteraction
    }
  }
}
