import Foundation
import TestSupport
import Testing

/// A small spec in which features and tasks of every kind occur, all of different sizes, and what the
/// commands print of it.
enum PrintedText {
  static let spec = """
    {
      name: "printed",
      data: {
        train: "train.csv",
        test: "test.csv",
        missing: ["", "?"],
        sample_weight: "share",
        group_by: "shop",
      },
      features: [
        { name: "city", type: "id", embedding_dim: 3 },
        { name: "shop", type: "id", hash_bucket_size: 5, embedding_dim: 2 },
        { name: "grade", type: "id", vocab_list: ["low", "mid", "high", "top"], encoding: "one_hot" },
        { name: "hour", type: "id", num_ids: 24, embedding_dim: 2 },
        { name: "age", type: "numeric" },
        { name: "price", type: "numeric", normalizer: "log" },
        { name: "length", type: "numeric", boundaries: [1.5, 4], embedding_dim: 2, raw: true },
        { name: "nothing", type: "numeric" },
        { name: "seen", type: "sequence", max_length: 3, embedding_name: "city", embedding_dim: 3 },
        {
          name: "read", column: "seen", type: "sequence", max_length: 2, embedding_name: "city",
          embedding_dim: 3, pooling: "attention", attention_target: "city",
        },
      ],
      tasks: [
        { name: "click", positive: ["yes", "sure"] },
        { name: "buy", label: "bought", weight: 2 },
        { name: "spend", loss: "huber", huber_delta: 2 },
        { name: "kind", classes: ["book", "toy", "tool"] },
      ],
      model: {
        type: "mmoe",
        num_experts: 3,
        expert_hidden_units: [7, 5],
        tower_hidden_units: [4],
      },
      training: {
        batch_size: 16,
        epochs: 3,
        seed: 11,
        optimizer: { type: "adagrad", learning_rate: 0.03 },
        learning_rate_schedule: { type: "step", period_steps: 2, factor: 0.5 },
        gradient_clip_value: 4,
      },
    }
    """

  static let images = """
    {
      name: "printed-images",
      data: { train: "train.npy", test: "test.npy", rotations: false },
      model: { type: "maml", network: "mlp", hidden_units: [6, 4], ways: 3, shots: 1, queries: 2 },
      training: { meta_steps: 4, meta_batch_size: 2, eval_episodes: 7 },
    }
    """

  /// Rows that follow from their number alone.
  static func table(rows: Int, seed: Int) -> String {
    let cities = ["Bonn", "Lima", "Oslo", "Pune", "Graz"]
    var lines = ["city,shop,grade,hour,age,price,length,nothing,seen,click,bought,spend,kind,share"]
    for row in 0..<rows {
      let n = row * 7919 + seed * 104_729
      let city = row % 9 == 4 ? "?" : cities[n / 3 % (seed == 0 ? 4 : 5)]
      let grade = ["low", "mid", "high", "huge"][n / 5 % 4]
      let seen = (0..<n / 7 % 6).map { cities[(n / 11 + 2 * $0) % 5] }.joined(separator: "|")
      let click = row % 11 == 3 ? "" : n / 13 % 3 == 0 ? "yes" : n / 13 % 7 == 0 ? "sure" : "no"
      let kind = row % 13 == 6 ? "?" : ["book", "toy", "tool"][n / 17 % 3]
      lines.append(
        [
          city, "s\(n / 19 % 6)", grade, "\(n / 23 % 24)",
          row % 5 == 0 ? "" : "\(18 + n / 29 % 50)",
          "\(n / 31 % 900).25", "\(n / 37 % 7)", "", seen, click, "\(n / 41 % 4 == 0 ? 1 : 0)",
          row % 7 == 2 ? "?" : "-\(n / 43 % 9).5", kind, "\(1 + n / 47 % 3)",
        ].joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// An array of bytes as numpy writes it.
  static func array(_ shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ")
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(sizes)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + (0..<shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 5 * 11) }
  }

  static func bench() throws -> Workbench {
    let bench = try Workbench(empty: ())
    try bench.write(spec, to: "spec.json5")
    try bench.write(table(rows: 64, seed: 0), to: "train.csv")
    try bench.write(table(rows: 25, seed: 1), to: "test.csv")
    try bench.write(images, to: "images.json5")
    try bench.write(array([4, 5, 4, 6]), to: "train.npy")
    try bench.write(array([3, 5, 4, 6]), to: "test.npy")
    return bench
  }

  /// What depends on the processor or the clock: times, numbers that training makes, the step at which
  /// a tensor is farthest off.
  static func masked(_ text: String) -> String {
    var text = text
    for (pattern, mark) in [
      (#"[0-9.]+[kMG]? rows/s"#, "# rows/s"), (#"[0-9.]+ [µm]s"#, "# s"),
      (#"-?[0-9]+\.[0-9]+(e-?[0-9]+)?"#, "#"), (#"[0-9]e-[0-9]+"#, "#"), (#" +"#, " "),
      (#"(?m) (#|0) (#|0) # [0-9]+$"#, " # # # #"),
      (#"(#|0) eager, (#|0) static of"#, "# eager, # static of"),
      (#"[0-9]+ rows within"#, "# rows within"),
      (#""(eager|static|step|replaced_rows)": [0-9]+"#, "\"$1\": #"),
    ] {
      text = text.replacingOccurrences(of: pattern, with: mark, options: .regularExpression)
    }
    return text
  }

  /// Five digits behind the point are those of any processor.
  static func shortened(_ text: String) -> String {
    text.replacingOccurrences(
      of: #"(\.[0-9]{5})[0-9]+"#, with: "$1", options: .regularExpression
    ).replacingOccurrences(of: #" +"#, with: " ", options: .regularExpression)
  }

  /// Compares a text with `Tests/Golden/text/<name>.txt`, which `MTLC_UPDATE_GOLDEN=1` writes anew.
  static func check(_ text: String, _ name: String) throws {
    let difference = try GoldenText.difference(text, from: "Golden/text/\(name).txt")
    #expect(difference == nil)
  }
}
