/// The keys of `model.ensemble`.
public enum EnsembleKeys {
  public static let members = SpecKey.integer(
    "members", default: 32, in: 2...256,
    "How many members. A step takes about as many times the time of one, and memory for the hidden"
      + " layers of `batch_size` (predicting: `eval_batch_size`) times as many rows.")

  static let variants = SpecVariants(
    noun: "ensemble", at: "model.ensemble",
    [
      (
        "tabm",
        "TabM (Gorishniy, Kotelnikov and Babenko, ICLR 2025): members share the kernel W of each hidden layer"
          + " and have adapters and biases of their own, h = act((x ⊙ r) W ⊙ s + b); each has its own output"
          + " layers. The loss is the mean of the members' losses, a prediction the mean of their"
          + " predictions. Embeddings, interactions and normalizations are shared.",
        [members]
      )
    ])
}
