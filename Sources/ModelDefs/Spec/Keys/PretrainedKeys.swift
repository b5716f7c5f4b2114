/// The keys of `features[].pretrained`.
public enum PretrainedKeys {
  public static let file = SpecKey.name(
    "file",
    "The file, relative to the spec's folder: safetensors, npy, or text with a key and its numbers in"
      + " each line, as of word2vec and GloVe."
  ).required()
  public static let tensor = SpecKey.name(
    "tensor", "The tensor of a safetensors file."
  ).optional("the only one")
  public static let keys = SpecKey.name(
    "keys",
    "For a matrix, a file with the key of each row, one a line. Without it the rows are those of the ids"
      + " in their order, for `vocab_list`, `vocab_file`, `num_ids` and buckets of hashes."
  ).optional()
  public static let trainable = SpecKey.boolean(
    "trainable", default: true,
    "Whether training moves the table. Where it does not, ids without a vector have the mean of the"
      + " others, and no penalty applies.")

  static let section = SpecSection(
    "features[].pretrained",
    "A file of vectors that the feature's table begins with, for all features that share it. Ids"
      + " without a vector begin at random; keys of the file that are no ids are not used.",
    keys: [file, tensor, keys, trainable])
}
