import Schema

/// The keys of an entry of `features`.
public enum FeatureKeys {
  public enum Encoding: String, Sendable, CaseIterable {
    case embedding
    case oneHot = "one_hot"
  }

  /// Of numbers.
  public enum NumberEncoding: String, Sendable, CaseIterable {
    case embedding
    case oneHot = "one_hot"
    case piecewiseLinear = "piecewise_linear"
    case periodic
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

  public static let missing = SpecKey.strings(
    "missing",
    "Texts that mean that the field has no value, beside those of `data.missing`.")

  // Numbers.
  public static let decimal = SpecKey.string(
    "decimal", "The decimal mark, one ASCII character."
  ).optional("`data.decimal`")
  public static let thousands = SpecKey.string(
    "thousands", "The mark between groups of three digits, one character."
  ).optional("`data.thousands`")
  public static let normalizer = SpecKey.choice(
    "normalizer", default: NormalizerKind.zscore,
    "How the number is scaled, by statistics of the training data: `zscore` to mean 0 and deviation"
      + " 1, `minmax` to 0…1, `log` is sign(x)·ln(1+|x|) and then `zscore`; `quantile` makes it normal: the"
      + " share of rows below it becomes the normal number with that probability.")
  public static let numberEncoding = SpecKey.choice(
    "encoding", default: NumberEncoding.embedding,
    "What the model reads for a bucket: its `embedding`, or a column of 0 and 1 for each bucket (`one_hot`)."
      + " `piecewise_linear` has no buckets: the model reads the share of each of `num_bins` bins that the"
      + " number has passed. `periodic` has none either: the model reads the sine and cosine of the normalised"
      + " number at `num_frequencies` trained frequencies (both: Gorishniy et al., NeurIPS 2022). With"
      + " `embedding_dim` either is followed by a layer of the feature's own with so many units and relu."
  )
  public static let numBins = SpecKey.integer(
    "num_bins", default: 48, in: 2...4096,
    "How many bins between quantiles of the training data `piecewise_linear` has; quantiles that are the same"
      + " number count once.")
  public static let pointMasses = SpecKey.boolean(
    "point_masses", default: false,
    "Tell a value that would fill a bin of `piecewise_linear` alone, as a capital gain of 0, from what is a"
      + " little less or more: it has edges at itself and at the values beside it in the training data; the"
      + " quantiles are those of the other rows.")
  public static let numFrequencies = SpecKey.integer(
    "num_frequencies", default: 16, in: 1...4096,
    "How many frequencies c the encoding `periodic` has: the model reads sin 2πcx and cos 2πcx of each."
  )
  public static let frequencyScale = SpecKey.number(
    "frequency_scale", default: 0.1, NumberBounds(lower: 0, lowerIncluded: false, upper: 1000),
    "The deviation of the normal numbers that frequencies start from: the larger, the finer are the"
      + " differences between numbers that the model sees at first.")
  public static let boundaries = SpecKey.risingNumbers(
    "boundaries", "Cut the number at these places and embed the bucket it falls into.")
  public static let numBuckets = SpecKey.integer(
    "num_buckets", default: 0, in: 2...65_536,
    "Cut the number at quantiles of the training data and embed the bucket; a value that fills a"
      + " bucket alone gets one of its own."
  ).optional()
  public static let raw = SpecKey.boolean(
    "raw", default: false, "Give the model the normalised number beside its bucket or encoding.")

  // Ids.
  public static let embeddingDim = SpecKey.integer(
    "embedding_dim", default: 8, in: 1...SpecLimits.embeddingDim, "The width of an embedding row.")
  public static let embeddingName = SpecKey.name(
    "embedding_name", "Features with the same name here share one embedding table."
  ).optional("the feature's name")
  public static let pretrained = SpecKey.section(
    "pretrained", "A file of vectors that the table begins with.")
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

  // Crosses.
  public static let of = SpecKey.columns(
    "of", "The columns whose texts together become one id, two or more."
  ).required()
  public static let crossBuckets = SpecKey.integer(
    "hash_bucket_size", default: 0, in: 1...SpecLimits.rows,
    "How many ids the texts are hashed into."
  ).required()

  // Dates and times.
  public static let parts = SpecKey<[TimePart]>.timeParts(
    "parts", default: [.weekday, .hour],
    "What the model reads: `month`, `day` of the month, `week`, `weekday` (Monday is 1), `weekend`,"
      + " `hour` and `minute` as ids; `year` and `days` (since 1970, with fractions) as numbers. Each part"
      + " is a feature `<name>.<part>`.")
  public static let timeFormat = SpecKey.string(
    "time_format", default: "iso",
    "How the times are written: `iso` as `2024-05-01`, `2024-05-01 12:30:00` or `20240501T1230Z`;"
      + " `seconds` or `milliseconds` since 1970 in UTC; or a pattern such as `%d.%m.%Y %H:%M`, of %Y %y"
      + " %m %d %H %I %M %S %f %b %p %z.")
  public static let utcOffset = SpecKey.number(
    "utc_offset", default: 0, NumberBounds(lower: -24, upper: 24),
    "Hours that the parts are ahead of UTC, for times in UTC or with a zone.")

  // Vectors.
  public static let dim = SpecKey.integer(
    "dim", default: 0, in: 1...SpecLimits.embeddingDim, "How many numbers the field holds."
  ).required()
  public static let vectorSeparator = SpecKey.string(
    "separator", default: ",", "The character between the numbers, one ASCII character.")

  // Sequences.
  public static let separator = SpecKey.string(
    "separator", "The character between the ids of a field, one ASCII character."
  ).optional("\"|\", with `brackets` \",\"")
  public static let brackets = SpecKey.boolean(
    "brackets", default: false,
    "The field is in brackets, as `[1, 2]` or `['a', 'b']`: they are dropped, and so are quotes around"
      + " items.")
  public static let weightsColumn = SpecKey.name(
    "weights_column",
    "The column with a weight for each id, with the same separator. Without a value all are 1."
  ).optional()
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

  private static let embedding: [any AnySpecKey] = [embeddingDim, embeddingName, pretrained]
  private static let vocabulary: [any AnySpecKey] = [
    hashBucketSize, vocabList, vocabFile, numIds, minFrequency,
  ]

  static let variants = SpecVariants(
    noun: "feature", at: "features[]", common: [name, column, columns, missing],
    [
      (
        "numeric",
        "A number, given to the model normalised, or cut into buckets that are embedded.",
        [
          normalizer, boundaries, numBuckets, raw, numberEncoding, numBins, pointMasses,
          numFrequencies, frequencyScale, embeddingDim, decimal, thousands,
        ]
      ),
      (
        "id",
        "One id a row. Row 0 of its table is for missing and unknown ids; rows that no training row"
          + " reads become the mean of the others.",
        [encoding] + embedding + vocabulary
      ),
      (
        "sequence", "Several ids in one field, pooled.",
        [
          separator, brackets, maxLength, keep, pooling, attentionTarget, weighted, weightsColumn,
        ] + embedding + vocabulary
      ),
      (
        "datetime", "Parts of a date or a time.",
        [parts, timeFormat, utcOffset, normalizer, encoding, embeddingDim]
      ),
      (
        "cross", "One id a row, hashed from the texts of several columns; 0 where one is missing.",
        [of, crossBuckets, encoding, embeddingDim, pretrained]
      ),
      (
        "vector",
        "Several numbers in one field, given to the model as they are; zeros where it is"
          + " missing.",
        [dim, vectorSeparator, brackets, decimal, thousands]
      ),
    ])
}
