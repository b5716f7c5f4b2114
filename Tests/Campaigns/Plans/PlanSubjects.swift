import Experiments
import Foundation

/// The plans that are mutated, of every kind that there is, and the rows that they are trained on.
struct PlanSubjects {
  /// By name the bytes of their files.
  private(set) var plans: [(name: String, bytes: [UInt8])] = []
  /// A file of rows that all plans of rows read.
  let rows: String

  private static let features = """
    features: [
      { columns: ["city", "device"], type: "id", embedding_dim: 4 },
      { name: "member", type: "id", encoding: "one_hot" },
      { name: "code", type: "id", hash_bucket_size: 7, embedding_dim: 4 },
      { name: "age", type: "numeric", normalizer: "zscore" },
      { name: "price", type: "numeric", boundaries: [0.2, 0.5], raw: true, embedding_dim: 4 },
      { name: "history", type: "sequence", max_length: 3, embedding_dim: 4, embedding_name: "city" },
      { name: "tags", type: "sequence", weighted: true, pooling: "sum", max_length: 2,
        embedding_dim: 4 },
    ],
    """

  /// Spec by name; `checkpoint`, `untrained` and `initialized`, which begins with the plan `sparse`, say
  /// what is kept of it.
  private static let specs: [(name: String, text: String)] = [
    (
      "small",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      features: [
        { name: "city", type: "id", embedding_dim: 2 }, { name: "age", type: "numeric" },
      ],
      tasks: [{ name: "click" }],
      model: { type: "shared_bottom", bottom_hidden_units: [3], tower_hidden_units: [] },
      training: { batch_size: 16, epochs: 1, optimizer: { type: "sgd" } },
      """
    ),
    (
      "gates",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      features: [
        { name: "member", type: "id", encoding: "one_hot" }, { name: "price", type: "numeric" },
      ],
      tasks: [{ name: "click" }, { name: "buy" }],
      model: { type: "mmoe", num_experts: 2, expert_hidden_units: [2], tower_hidden_units: [] },
      training: { batch_size: 8, epochs: 1, optimizer: { type: "adam" } },
      """
    ),
    (
      "lists",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      features: [
        { name: "history", type: "sequence", max_length: 2, embedding_dim: 2, pooling: "max" },
      ],
      tasks: [{ name: "kind", classes: ["p", "q", "r"] }],
      model: { type: "shared_bottom", bottom_hidden_units: [], tower_hidden_units: [] },
      training: { batch_size: 16, epochs: 1, optimizer: { type: "sgd" },
        sparse_optimizer: { type: "ftrl" } },
      """
    ),
    (
      "rows",
      """
      data: { train: "rows.csv", test: "rows.csv", sample_weight: "weight", group_by: "user" },
      \(features)
      tasks: [
        { name: "click" }, { name: "kind", classes: ["p", "q", "r"] }, { name: "spend", loss: "huber" },
      ],
      model: { type: "mmoe", num_experts: 3, expert_hidden_units: [6], tower_hidden_units: [4],
        batch_norm: true, dropout: 0.2 },
      training: { batch_size: 16, eval_batch_size: 8, epochs: 1, gradient_clip_norm: 1,
        optimizer: { type: "adam" } },
      """
    ),
    (
      "sparse",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      \(features)
      tasks: [{ name: "click" }, { name: "spend", loss: "mse" }],
      model: { type: "shared_bottom", bottom_hidden_units: [6], tower_hidden_units: [] },
      training: { batch_size: 16, epochs: 1, sparse_optimizer: { type: "lazy_adam" },
        learning_rate_schedule: { type: "cosine", warmup_epochs: 0.2 }, save_optimizer: true },
      """
    ),
    (
      "parts",
      """
      data: { train: "rows.csv", test: "rows.csv", sample_weight: "weight" },
      \(features)
      tasks: [{ name: "click" }, { name: "spend", loss: "mse" }],
      model: { type: "shared_bottom", bottom_hidden_units: [6], tower_hidden_units: [],
        batch_norm: true, dropout: 0.2 },
      training: { batch_size: 16, micro_batches: 3, epochs: 1,
        sparse_optimizer: { type: "rowwise_adagrad" } },
      """
    ),
    (
      "initialized",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      \(features)
      tasks: [{ name: "click" }, { name: "spend", loss: "mse" }],
      model: { type: "shared_bottom", bottom_hidden_units: [6], tower_hidden_units: [] },
      training: { batch_size: 16, epochs: 1, sparse_optimizer: { type: "lazy_adam" },
        initialize_from: "sparse.bin", initialize_optimizer: "keep" },
      """
    ),
    (
      "funnel",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      features: [
        { columns: ["city", "device", "member"], type: "id", encoding: "one_hot" },
        { name: "age", type: "numeric" },
      ],
      tasks: [{ name: "click" }, { name: "buy" }],
      model: { type: "funnel_v2", tower_hidden_units: [6, 4] },
      training: { batch_size: 16, epochs: 1, optimizer: { type: "sgd", momentum: 0.9 },
        task_weighting: "gradnorm" },
      """
    ),
    (
      "groups",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      features: [
        { name: "city", type: "id", embedding_dim: 2 }, { columns: ["age", "price"], type: "numeric" },
      ],
      tasks: [{ name: "click" }],
      model: { type: "maml", group: "user", support_rows: 4, query_rows: 6, inner_steps: 2,
        base: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] } },
      training: { meta_steps: 4, meta_batch_size: 2 },
      """
    ),
    (
      "images",
      """
      data: { train: "images.npy", test: "images.npy" },
      model: { type: "maml", network: "conv4", channels: 2, ways: 2, shots: 1, queries: 2,
        inner_steps: 1, order: 2 },
      training: { meta_steps: 2, meta_batch_size: 2, eval_episodes: 3 },
      """
    ),
    (
      "checkpoint",
      """
      data: { train: "rows.csv", validation: "rows.csv", test: "rows.csv" },
      \(features)
      tasks: [{ name: "click" }, { name: "buy" }],
      model: { type: "ple", num_levels: 2, num_task_experts: 1, num_shared_experts: 1,
        expert_hidden_units: [4], tower_hidden_units: [3] },
      training: { batch_size: 16, epochs: 9, early_stopping: { metric: "click.auc", patience: 9 },
        task_weighting: "dwa", optimizer: { type: "adagrad" } },
      """
    ),
    (
      "untrained",
      """
      data: { train: "rows.csv", test: "rows.csv" },
      \(features)
      tasks: [{ name: "click" }, { name: "buy" }],
      model: { type: "aitm", tower_hidden_units: [6, 4] },
      training: { batch_size: 16, epochs: 1, task_weighting: "pcgrad",
        optimizer: { type: "adamw" } },
      """
    ),
  ]

  /// Reads the plans in the folder, which are made there first where they are missing.
  init(folder: String) throws {
    rows = "\(folder)/rows.csv"
    if !FileManager.default.fileExists(atPath: rows) {
      try Self.table(rows: 160).write(toFile: rows, atomically: true, encoding: .utf8)
      try Data(Self.images()).write(to: URL(fileURLWithPath: "\(folder)/images.npy"))
      for (name, text) in Self.specs { try Self.make(name, text, in: folder) }
    }
    for (name, _) in Self.specs {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).bin"))
      plans.append((name, [UInt8](bytes)))
    }
  }

  private static func make(_ name: String, _ text: String, in folder: String) throws {
    let spec = "\(folder)/\(name).json5"
    try "{ \(text) }".write(toFile: spec, atomically: true, encoding: .utf8)
    let experiment = try Experiment(contentsOf: spec)
    let plan = "\(folder)/\(name).bin"
    switch name {
    case "untrained", "initialized": try experiment.compile().write(to: plan)
    case "checkpoint":
      let place = "\(folder)/\(name)"
      try OutputFolder.make(place)
      do {
        _ = try experiment.train(
          checkpoints: Checkpoints(in: place), observer: StopAfter(steps: 14))
        throw Fault(description: "training was not stopped")
      } catch {
        guard (error as? ExperimentError)?.kind == .interrupted else { throw error }
      }
      try FileManager.default.moveItem(atPath: "\(place)/checkpoint.bin", toPath: plan)
    default: try experiment.train().plan.write(to: plan)
    }
  }

  /// Rows of which each column depends on the row's number alone.
  private static func table(rows: Int) -> String {
    let cities = ["rome", "oslo", "bern", "lima", ""]
    var text = "user,city,device,member,code,age,price,history,tags,weight,click,buy,kind,spend\n"
    for row in 0..<rows {
      let mixed = (row &* 7919 &+ 13) % 1000
      let click = mixed % 3 == 0 ? 1 : 0
      text += "u\(row % 8),\(cities[mixed % 5]),d\(mixed % 3),m\(mixed % 2),c\(mixed % 11),"
      text += "\(20 + mixed % 50),\(Double(mixed) / 1000),\(cities[mixed % 4])|oslo,"
      text += "t\(mixed % 4):0.5|t1:2,\(1 + mixed % 2),\(click),\(click * (mixed % 2)),"
      text += "\(["p", "q", "r"][mixed % 3]),\(Double(mixed % 17) - 8)\n"
    }
    return text
  }

  /// Four classes of five images of 16×16 pixels as a `.npy` file.
  private static func images() -> [UInt8] {
    let shape = "(4, 5, 16, 16)"
    var header = "{'descr': '|u1', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let pixels = (0..<4 * 5 * 16 * 16).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 256 * 11) }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + pixels
  }
}

/// Stops training after some steps.
final class StopAfter: Observer, @unchecked Sendable {
  private var left: Int

  init(steps: Int) { left = steps }

  func receive(_ event: Event) {}
  /// Looked at after each step, by one thread.
  var shouldStop: Bool {
    left -= 1
    return left <= 0
  }
}
