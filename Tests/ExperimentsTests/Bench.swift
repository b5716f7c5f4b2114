import Experiments
import Foundation
import Schema

/// The folders of this process, which go when it ends: an experiment keeps the path alone.
private let folders = Guarded<[String]>([])
private let removesFolders: Void = {
  atexit {
    for path in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
  }
}()

/// A folder with the sample's first rows.
final class Bench: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("experiments-\(UUID().uuidString)").path
    try OutputFolder.make(path)
    _ = removesFolders
    folders.withLock { $0.append(path) }
  }

  func write(_ text: String, to name: String) throws -> String {
    try OutputFolder.write(text, to: "\(path)/\(name)")
    return "\(path)/\(name)"
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  /// The project's own sample.
  func sample(rows: Int = 600) throws {
    _ = try SampleData.write(
      .ads, train: "\(path)/train.csv", test: "\(path)/test.csv", trainRows: rows, testRows: 300)
  }

  static let spec = """
    {
      name: "small",
      data: { train: "train.csv", test: "test.csv" },
      features: [
        { columns: ["city", "device"], type: "id", embedding_dim: 4 },
        { columns: ["age", "discount"], type: "numeric", normalizer: "zscore" },
      ],
      tasks: [{ name: "click" }, { name: "purchase" }],
      model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
      training: { batch_size: 64, epochs: 2, optimizer: { type: "adam", learning_rate: 0.01 } },
    }
    """

  static let episodes = """
    {
      name: "groups",
      data: { train: "train.csv", test: "test.csv", generate: "cold_start" },
      features: [
        { name: "category", type: "id", embedding_dim: 2 },
        { columns: ["price", "novelty"], type: "numeric" },
      ],
      tasks: [{ name: "click" }],
      model: {
        type: "maml", group: "user_id", support_rows: 4, query_rows: 6, inner_steps: 2,
        base: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] },
      },
      training: { meta_steps: 5, meta_batch_size: 3 },
    }
    """

  /// The spec `spec`, with the sample's rows.
  func experiment(overrides: [String: String] = [:]) throws -> Experiment {
    try sample()
    return try Experiment(
      contentsOf: write(Self.spec, to: "spec.json5"), overrides: overrides)
  }
}

/// Keeps what it is told.
final class Recorder: Observer, @unchecked Sendable {
  private let lock = NSLock()
  private var kept: [Event] = []

  func receive(_ event: Event) { lock.withLock { kept.append(event) } }
  var events: [Event] { lock.withLock { kept } }
}
