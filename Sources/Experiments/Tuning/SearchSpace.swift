import Data
import ModelDefs
import Schema

/// The settings that a search draws from.
struct SearchSpace {
  let dimensions: [SearchDimension]
  /// Whether the spec says which.
  let isGiven: Bool
  /// What the spec itself says of them.
  private let own: [Spec.Assignment]

  /// The section `search` of a spec, or the usual keys of its model. Throws `SpecError` for a key or a
  /// value that the spec cannot have.
  ///
  /// - Parameter declared: What the section says; empty for the usual keys.
  init(_ spec: Spec, _ declared: [SearchDimension]) throws {
    isGiven = !declared.isEmpty
    guard isGiven else {
      dimensions = Self.usual(spec)
      own = dimensions.compactMap { spec.assignment(of: $0.path) }
      return
    }
    dimensions = declared
    own = []
    let findings = declared.flatMap { spec.findings(of: $0, among: declared) }
    guard findings.isEmpty else { throw SpecError(findings) }
  }

  /// Whether the first trial is the spec as it stands: one that no section `search` sets out of use.
  var startsWithTheSpec: Bool { !isGiven }

  /// The values of a trial: the same for the same number and seed, whatever else was drawn.
  func settings(trial: Int, seed: UInt64) -> [Spec.Assignment] {
    if startsWithTheSpec, trial == 1 { return own }
    var random = SplitMix64(seed: seed, stream: UInt64(clamping: trial))
    return dimensions.map { ($0.path, $0.value(at: random.uniform())) }
  }

  /// All dimensions as a text, for comparing searches.
  var text: String { dimensions.map(\.json).joined(separator: ",") }

  /// What is usually worth a look, as far as the spec takes it: the learning rate around the spec's own, the
  /// size of batches, penalties, dropout, and the sizes of the layers; of the common models the type too.
  private static func usual(_ spec: Spec) -> [SearchDimension] {
    func list(_ values: [SpecValue.Content]) -> SearchDimension.Values {
      .choices(values.map { SpecValue($0, at: .file) })
    }
    func units(_ stacks: [[Int]]) -> SearchDimension.Values {
      list(stacks.map { .array($0.map { SpecValue(.integer($0), at: .file) }) })
    }
    let rate = spec.training.optimizer.hyperparameters[.learningRate]
    func penalty(_ own: Double) -> SearchDimension.Values {
      .logarithmic(own > 0 ? own / 30...own * 10 : 1e-7...1e-3)
    }
    let batch = min(max(spec.training.batchSize, 2), 1 << 20)
    let batches = [batch / 2, batch, batch * 2]
    let types = ["shared_bottom", "mmoe", "ple"]
    var candidates: [(String, SearchDimension.Values)] = []
    if types.contains(spec.model.type), spec.tasks.count > 1 {
      candidates.append(("model.type", list(types.map { .string($0) })))
    }
    candidates += [
      ("training.optimizer.learning_rate", .logarithmic(rate / 4...rate * 4)),
      ("training.batch_size", list(batches.map { .integer($0) })),
      ("training.l2", penalty(spec.l2)), ("training.embedding_l2", penalty(spec.embeddingL2)),
      ("model.dropout", list([0, 0.1, 0.2, 0.3, 0.4].map { .number($0) })),
      ("model.bottom_hidden_units", units([[64], [128], [256], [128, 64]])),
      ("model.num_experts", .integers(2...12)),
      ("model.num_task_experts", .integers(1...4)),
      ("model.num_shared_experts", .integers(1...4)),
      ("model.expert_hidden_units", units([[32], [64], [128], [64, 32]])),
      ("model.tower_hidden_units", units([[], [32], [64], [64, 32]])),
    ]
    let dimensions = candidates.compactMap { key, values in
      SpecPath(key).map { SearchDimension($0, values) }
    }
    return dimensions.filter { spec.findings(of: $0, among: dimensions).isEmpty }
  }
}
