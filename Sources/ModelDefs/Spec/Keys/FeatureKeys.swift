import Schema

/// The keys of an entry of `features`.
public enum FeatureKeys {
  public enum Encoding: String, Sendable, CaseIterable {
    case embedding
    case oneHot = "one_hot"
  }

  // Every type.
  public static let name = SpecKey.name(
    "name", "The name; with `columns` each column's own name is taken."
  )
  .optional()
  public static let column = SpecKey.name("column", "The column it is read from.").optional(
    "the name")
  public static let columns = SpecKey.columns(
    "columns", "Declares one such feature for each of these columns, in place of `name`.")

  // Numbers.
  public static let normalizer = SpecKey.choice(
    "normalizer", default: NormalizerKind.zscore,
    "How the number is scaled, by statistics of the training data: `zscore` to mean 0 and deviation"
      + " 1, `minmax` to 0…1, `log` is sign(x)·ln(1+|x|) and then `zscore`.")
  public static let boundaries = SpecKey.risingNumbers(
    "boundaries", "Cut the number at these places and embed the bucket it falls into.")
  public static let numBuckets = SpecKey.integer(
    "num_buckets", default: 0, in: 2...65_536,
    "Cut the number at quantiles of the training data and embed the bucket; a value that fills a"
      + " bucket alone gets one of its own."
  ).optional()
  public static let raw = SpecKey.boolean(
    "raw", default: false, "Give the model the normalised number beside its bucket.")

  // Ids.
  public static let embeddingDim = SpecKey.integer(
    "embedding_dim", default: 8, in: 1...SpecLimits.embeddingDim, "The width of an embedding row.")
  public static let embeddingName = SpecKey.name(
    "embedding_name", "Features with the same name here share one embedding table."
  ).optional("the feature's name")
  public static let encoding = SpecKey.choice(
    "encoding", default: Encoding.embedding, "What the model reads for an id.")
  public static let hashBucketSize = SpecKey.integer(
    "hash_bucket_size", default: 0, in: 1...SpecLimits.rows,
    "Hash the text into this many ids in place of a vocabulary."
  ).optional()
  public static let vocabList = SpecKey.strings("vocab_list", "The vocabulary.").optional(
    "learned from the training data")
  public static let vocabFile = SpecKey.name(
    "vocab_file", "A file with the vocabulary, one entry a line, relative to the spec's folder."
  ).optional()
  public static let numIds = SpecKey.integer(
    "num_ids", default: 0, in: 1...SpecLimits.rows,
    "The fields hold integers from 0 to this number − 1 that are the ids."
  ).optional()
  public static let minFrequency = SpecKey.integer(
    "min_frequency", default: 1, in: 1...SpecLimits.rows,
    "Texts that are rarer in the training data share the out-of-vocabulary row.")

  // Sequences.
  public static let separator = SpecKey.string(
    "separator", default: "|", "The character between the ids of a field, one ASCII character.")
  public static let maxLength = SpecKey.integer(
    "max_length", default: 50, in: 1...SpecLimits.sequenceLength,
    "How many ids are read of a field.")
  public static let keep = SpecKey.choice(
    "keep", default: SequenceLayout.Keep.last, "Which ids stay of a field that holds more.")
  public static let pooling = SpecKey.choice(
    "pooling", default: Pooling.mean,
    "How the embeddings e of the ids, with weights w, become one: `sum` Σ w·e, `mean` Σ w·e / Σ |w|,"
      + " `max` the largest w·e of each unit, `attention` Σ a·w·e with a softmax a over the ids.")
  public static let attentionTarget = SpecKey.name(
    "attention_target", "The id feature that the pooling \"attention\" compares the ids with."
  ).optional()
  public static let weighted = SpecKey.boolean(
    "weighted", default: false,
    "The ids are written `id:weight`; the weight scales the embedding. Without `:weight` it is 1.")

  private static let embedding: [any AnySpecKey] = [embeddingDim, embeddingName]
  private static let vocabulary: [any AnySpecKey] = [
    hashBucketSize, vocabList, vocabFile, numIds, minFrequency,
  ]

  static let variants = SpecVariants(
    noun: "feature", at: "features[]", common: [name, column, columns],
    [
      (
        "numeric",
        "A number, given to the model normalised, or cut into buckets that are embedded.",
        [normalizer, boundaries, numBuckets, raw, encoding, embeddingDim]
      ),
      (
        "id",
        "One id a row. Row 0 of its table is for missing and unknown ids; rows that no training row"
          + " reads become the mean of the others.",
        [encoding] + embedding + vocabulary
      ),
      (
        "sequence", "Several ids in one field, pooled.",
        [separator, maxLength, keep, pooling, attentionTarget, weighted] + embedding + vocabulary
      ),
    ])
}
