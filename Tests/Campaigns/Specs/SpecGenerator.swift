import Foundation

/// Makes whole specs with small data of their own: any features with any model, losses and options that
/// go together.
struct SpecGenerator {
  struct Subject {
    var spec: String
    var train: String
    /// Rows without labels.
    var rows: [[String: String]]
    /// What it has, for the table of outcomes.
    var model: String
    var learnsFromEpisodes: Bool
  }

  var random: Random
  let rowCount: Int
  var columns: [(name: String, cells: [String])] = []
  var features: [String] = []
  var tasks: [String] = []
  var taskNames: [String] = []
  var batchSize = 0
  /// Whether a loss compares the rows of a group.
  var comparesRows = false
  /// Features with an embedding, with their widths; ids alone can be attended to.
  var embeddings: [(name: String, dim: Int, isID: Bool)] = []

  private init(_ random: inout Random) {
    rowCount = 32 + random.below(20)
    self.random = random
  }

  static func subject(_ random: inout Random) -> Subject {
    var generator = SpecGenerator(&random)
    let subject = generator.make()
    random = generator.random
    return subject
  }

  static let models = [
    "shared_bottom", "mmoe", "mmoe_v2", "cgc", "ple", "dbmtl", "esmm", "funnel_v2", "funnel_v3",
    "funnel_v4", "aitm", "maml",
  ]
  static let funnels = ["esmm", "funnel_v2", "funnel_v3", "funnel_v4", "aitm"]

  mutating func make() -> Subject {
    let model = random.pick(Self.models)
    makeFeatures()
    let groups = (0..<rowCount).map { "g\($0 % 4)" }
    columns.append(("group", groups))
    let featureColumns = Set(columns.map(\.name))
    let base = model == "maml" ? random.pick(Self.models.dropLast()) : model
    makeTasks(isFunnel: Self.funnels.contains(base), isEpisodic: model == "maml", base)
    let hasWeights = model != "maml" && random.isOne(in: 4)
    if hasWeights {
      columns.append(("weight", (0..<rowCount).map { _ in number(0, 3) }))
    }
    let training = model == "maml" ? episodeTraining() : rowTraining()
    let description = modelText(model, base)
    let spec = """
      {
        name: "random",
        data: { train: "train.csv"\(hasWeights ? ", sample_weight: \"weight\"" : "")\
      \(model != "maml" && random.isOne(in: 3) ? ", validation_fraction: 0.25" : "")\
      \(comparesRows || random.isOne(in: 4) && model != "maml" ? ", group_by: \"group\"" : "") },
        features: [\(features.joined(separator: ",\n    "))],
        tasks: [\(tasks.joined(separator: ",\n    "))],
        model: \(description),
        training: { \(training.joined(separator: ", ")) },
      }
      """
    var lines = [columns.map(\.name).joined(separator: ",")]
    for row in 0..<rowCount { lines.append(columns.map { $0.cells[row] }.joined(separator: ",")) }
    let rows = (0..<rowCount).map { row in
      Dictionary(
        uniqueKeysWithValues: columns.filter { featureColumns.contains($0.name) }
          .map { ($0.name, $0.cells[row]) })
    }
    return Subject(
      spec: spec, train: lines.joined(separator: "\n") + "\n", rows: rows,
      model: model == "maml" ? "maml of \(base)" : model, learnsFromEpisodes: model == "maml")
  }

  // MARK: Features

  mutating func makeFeatures() {
    // Mostly few: what goes wrong does so with two features or tasks, at a fraction of the time.
    for index in 0..<1 + random.below(1 + random.below(5)) {
      let name = "f\(index)"
      switch random.below(10) {
      case 0, 1, 2: makeNumber(name)
      case 3, 4, 5: makeID(name)
      case 6, 7: makeSequence(name)
      case 8: makeVector(name)
      default: random.isOne(in: 2) ? makeTime(name) : makeCross(name)
      }
    }
  }

  /// A number of a few digits.
  mutating func number(_ low: Double, _ high: Double) -> String {
    let share = Double(random.below(1001)) / 1000
    return String(format: "%.3f", low + (high - low) * share)
  }

  mutating func makeNumber(_ name: String) {
    let scale = random.pick([0.01, 1, 1, 1, 100, 1e4])
    let isConstant = random.isOne(in: 12)
    columns.append(
      (
        name,
        (0..<rowCount).map { _ in
          isConstant ? "2" : random.isOne(in: 15) ? "" : number(-scale, scale)
        }
      ))
    var keys = "name: \"\(name)\", type: \"numeric\""
    switch random.below(4) {
    case 0: keys += ", normalizer: \"\(random.pick(["zscore", "minmax", "log"]))\""
    case 1: keys += ", boundaries: [\(-scale / 3), 0, \(scale / 2)]"
    case 2: keys += ", num_buckets: \(2 + random.below(5))"
    default: break
    }
    if keys.contains("boundaries") || keys.contains("num_buckets") {
      if random.isOne(in: 3) { keys += ", raw: true" }
      keys += random.isOne(in: 3) ? ", encoding: \"one_hot\"" : ", embedding_dim: \(dim())"
    }
    features.append("{ \(keys) }")
  }

  mutating func dim() -> Int { random.pick([1, 2, 3, 4, 4, 4, 8, 17]) }

  func vocabulary(_ size: Int) -> [String] { (0..<size).map { "v\($0)" } }

  mutating func idKeys(_ size: Int) -> String {
    switch random.below(5) {
    case 0: ", hash_bucket_size: \(1 + random.below(40))"
    case 1:
      ", vocab_list: [\(vocabulary(size).dropLast().map { "\"\($0)\"" }.joined(separator: ", "))]"
    case 2: ", min_frequency: 2"
    default: ""
    }
  }

  mutating func makeID(_ name: String) {
    let size = 2 + random.below(30)
    let words = vocabulary(size)
    columns.append(
      (name, (0..<rowCount).map { _ in random.isOne(in: 15) ? "" : random.pick(words) }))
    var keys = "name: \"\(name)\", type: \"id\"" + idKeys(size)
    if random.isOne(in: 3) {
      keys += ", encoding: \"one_hot\""
    } else {
      let dim = dim()
      keys += ", embedding_dim: \(dim)"
      embeddings.append((name, dim, true))
    }
    features.append("{ \(keys) }")
  }

  mutating func makeSequence(_ name: String) {
    let words = vocabulary(2 + random.below(12))
    let isWeighted = random.isOne(in: 2)
    let hasNegative = random.isOne(in: 4)
    columns.append(
      (
        name,
        (0..<rowCount).map { _ in
          (0..<random.below(6)).map { _ in
            let word = random.pick(words)
            guard isWeighted, !random.isOne(in: 5) else { return word }
            return "\(word):\(number(hasNegative ? -2 : 0, 2))"
          }.joined(separator: "|")
        }
      ))
    let dim = dim()
    var keys = "name: \"\(name)\", type: \"sequence\"" + idKeys(words.count)
    keys += ", embedding_dim: \(dim), max_length: \(1 + random.below(6)), weighted: \(isWeighted)"
    if random.isOne(in: 4), let target = embeddings.first(where: \.isID) {
      keys += ", pooling: \"attention\", attention_target: \"\(target.name)\""
    } else {
      keys += ", pooling: \"\(random.pick(["sum", "mean", "mean", "max"]))\""
    }
    embeddings.append((name, dim, false))
    features.append("{ \(keys) }")
  }

  // MARK: Models

  mutating func interaction() -> String {
    switch random.below(4) {
    case 0: return "{ type: \"fm\" }"
    case 1: return "{ type: \"bi_interaction\" }"
    case 2: return "{ type: \"dcn_v2\", layers: \(1 + random.below(3)) }"
    default: return "{ type: \"dcn_v2\", layers: 2, rank: \(1 + random.below(4)) }"
    }
  }

  mutating func units(_ depth: ClosedRange<Int>) -> String {
    let count = depth.lowerBound + random.below(depth.count)
    return
      "[\((0..<count).map { _ in "\(random.pick([1, 2, 3, 5, 8, 16, 17, 33]))" }.joined(separator: ", "))]"
  }

  mutating func modelText(_ model: String, _ base: String) -> String {
    var keys = ["type: \"\(base)\""]
    let passesOn = ["funnel_v3", "funnel_v4", "aitm"].contains(base)
    keys.append("tower_hidden_units: \(units((passesOn ? 1 : 0)...2))")
    switch base {
    case "shared_bottom": keys.append("bottom_hidden_units: \(units(0...2))")
    case "mmoe", "mmoe_v2":
      keys.append("num_experts: \(1 + random.below(5)), expert_hidden_units: \(units(1...2))")
      keys.append("gate_hidden_units: \(units(0...1))")
      if base == "mmoe_v2" { keys.append("num_layers: \(1 + random.below(3))") }
    case "cgc", "ple":
      keys.append("num_task_experts: \(1 + random.below(2))")
      keys.append(
        "num_shared_experts: \(1 + random.below(2)), expert_hidden_units: \(units(1...2))")
      keys.append("gate_hidden_units: \(units(0...1))")
      if base == "ple" { keys.append("num_levels: \(1 + random.below(3))") }
    case "dbmtl":
      keys.append("bottom_hidden_units: \(units(0...1)), num_experts: \(random.below(3))")
      keys.append("expert_hidden_units: \(units(1...1)), relation_hidden_units: \(units(1...1))")
      if taskNames.count > 1, random.isOne(in: 2) {
        keys.append("parents: { \(taskNames[1]): [\"\(taskNames[0])\"] }")
      }
    case "esmm":
      let group = embeddings.filter { $0.dim == embeddings.first?.dim }.map { "\"\($0.name)\"" }
      if random.isOne(in: 2), !group.isEmpty {
        keys.append("user_features: [\(group.joined(separator: ", "))]")
      }
    case "funnel_v4", "aitm": keys.append("info_hidden_units: \(units(0...1))")
    default: break
    }
    if Self.funnels.contains(base) {
      if random.isOne(in: 2) { keys.append("alpha: \(number(0, 1))") }
      if model != "maml", random.isOne(in: 3) { keys.append("conditional_outputs: true") }
    }
    let activations = ["relu", "relu", "tanh", "sigmoid", "silu", "gelu", "leaky_relu", "prelu"]
    keys.append("activation: \"\(random.pick(activations))\"")
    let crossed = interaction()
    // Buckets have embeddings too.
    let widths = features.compactMap { $0.firstMatch(of: /embedding_dim: (\d+)/)?.1 }
    let hasPairs = widths.count > 1 && Set(widths).count == 1
    let hasGroups = keys.contains { $0.hasPrefix("user_features") }
    if random.isOne(in: 3), crossed.contains("dcn") ? !hasGroups : hasPairs {
      keys.append("interaction: \(crossed)")
    }
    if model != "maml" {
      if random.isOne(in: 4) { keys.append("dropout: 0.3") }
      // Where there are only two different rows, what is normalized does not depend on what it was: the
      // gradients before it are rounding alone, which rules such as Adam make as large as any.
      let hasTwo = batchSize == 2 || batchSize == 3
      if !hasTwo, random.isOne(in: 4) {
        keys.append("batch_norm: true")
      } else if random.isOne(in: 6) {
        keys.append("layer_norm: true")
      }
      return "{ \(keys.joined(separator: ", ")) }"
    }
    var outer = ["type: \"maml\"", "base: { \(keys.joined(separator: ", ")) }"]
    outer.append("order: \(1 + random.below(2)), inner_steps: \(1 + random.below(2))")
    outer.append("inner_learning_rate: 0.1, group: \"group\"")
    outer.append("adapt: \"\(random.pick(["decision", "all"]))\"")
    outer.append("support_rows: \(2 + random.below(3)), query_rows: \(2 + random.below(3))")
    return "{ \(outer.joined(separator: ", ")) }"
  }

  // MARK: Training

  mutating func optimizer() -> String {
    switch random.below(6) {
    case 0: "{ type: \"sgd\", learning_rate: 0.05, momentum: \(random.pick(["0", "0.9"])) }"
    case 1: "{ type: \"adagrad\", learning_rate: 0.05 }"
    case 2: "{ type: \"adamw\", learning_rate: 0.01, weight_decay: 0.1 }"
    case 3: "{ type: \"lion\", learning_rate: 0.001, weight_decay: 0.1 }"
    default: "{ type: \"adam\", learning_rate: 0.01 }"
    }
  }

  mutating func rowTraining() -> [String] {
    batchSize = random.pick([1, 2, 3, 7, 8, 16, 31, 32])
    var keys = ["batch_size: \(batchSize)", "epochs: \(1 + random.below(2))"]
    keys.append("seed: \(random.below(1000)), optimizer: \(optimizer())")
    if random.isOne(in: 2) { keys.append("eval_batch_size: \(1 + random.below(40))") }
    if random.isOne(in: 3) { keys.append("l2: 1e-3") }
    if random.isOne(in: 3) { keys.append("embedding_l2: 1e-3") }
    let isSparse = random.isOne(in: 3)
    if isSparse {
      let kind = random.pick(["lazy_adam", "rowwise_adagrad", "adagrad", "sgd", "ftrl"])
      keys.append("sparse_optimizer: { type: \"\(kind)\", learning_rate: 0.02 }")
    }
    if random.isOne(in: 4) { keys.append("gradient_clip_value: 0.05") }
    if !isSparse, random.isOne(in: 4) { keys.append("gradient_clip_norm: 0.5") }
    let kinds =
      taskNames.count > 1
      ? ["fixed", "uncertainty", "dwa", "gradnorm", "pcgrad"] : ["fixed", "uncertainty"]
    if random.isOne(in: 2) { keys.append("task_weighting: \"\(random.pick(kinds))\"") }
    if random.isOne(in: 3) { keys.append(schedule(hasEpochs: true)) }
    if random.isOne(in: 4) { keys.append("matmul_precision: \"medium\"") }
    let takesGradientsApart = keys.contains { $0.contains("gradnorm") || $0.contains("pcgrad") }
    if !comparesRows, !takesGradientsApart, random.isOne(in: 4) {
      keys.append("micro_batches: \(1 + random.below(batchSize))")
    }
    return keys
  }

  mutating func schedule(hasEpochs: Bool) -> String {
    let type = random.pick(["step", "exponential", "cosine"])
    let warmup = random.isOne(in: 2) ? ", warmup_steps: 2" : ""
    return
      "learning_rate_schedule: { type: \"\(type)\", period_steps: \(1 + random.below(9))\(warmup) }"
  }

  mutating func episodeTraining() -> [String] {
    var keys = ["meta_steps: 3", "meta_batch_size: \(1 + random.below(2))"]
    keys.append("seed: \(random.below(1000)), optimizer: \(optimizer())")
    if random.isOne(in: 3) { keys.append(schedule(hasEpochs: false)) }
    if random.isOne(in: 4) { keys.append("gradient_clip_norm: 0.5") }
    return keys
  }
}
