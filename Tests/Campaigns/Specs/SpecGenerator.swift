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
  /// The fewest rows that go through the model at once in training.
  var fewestRows = 0
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
    switch random.below(6) {
    case 0: keys += ", normalizer: \"\(random.pick(["zscore", "minmax", "log"]))\""
    case 4:
      keys += ", encoding: \"piecewise_linear\", num_bins: \(2 + random.below(5))"
      if random.isOne(in: 2) { keys += ", point_masses: true" }
    case 5:
      keys += ", encoding: \"periodic\", num_frequencies: \(1 + random.below(6))"
      keys += ", frequency_scale: \(random.pick([0.05, 0.5])), normalizer: \"quantile\""
    case 1: keys += ", boundaries: [\(-scale / 3), 0, \(scale / 2)]"
    case 2: keys += ", num_buckets: \(2 + random.below(5))"
    default: break
    }
    if keys.contains("encoding"), random.isOne(in: 2) {
      keys += ", embedding_dim: \(dim())\(random.isOne(in: 3) ? ", raw: true" : "")"
    } else if keys.contains("boundaries") || keys.contains("num_buckets") {
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
}
