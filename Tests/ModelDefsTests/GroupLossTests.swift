import Foundation
import GraphIR
import ModelDefs
import Runtime
import Schema
import TensorTypes
import Testing

/// Losses that compare the rows of a group, against loops over pairs and rows in double precision.
@Suite struct GroupLossTests {
  /// Rows of a task: two groups of four and three rows, two rows without a group, a group without a
  /// label, a group of one row, and the first group's number again.
  struct Rows {
    var groups: [[Int32]] = [
      [3, 0], [3, 0], [3, 0], [3, 0], [0, 0], [0, 0], [3, 5], [3, 5], [3, 5], [8, 8], [8, 8],
      [9, 1], [3, 0], [3, 0],
    ]
    var labels: [Double] = [1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1]
    var weights: [Double] = [1, 0.5, 2, 0, 1, 1, 1, 3, 0.25, 0, 0, 1, 1, 2]
    /// Heads f⁰ and f¹; the pairwise loss takes f¹ alone.
    var heads: [[Double]] = {
      var random = FuzzRandom(state: 4)
      return (0..<14).map { _ in
        [0, 1].map { _ in Double(random.below(4001)) / 1000 - 2 }
      }
    }()

    var count: Int { groups.count }

    /// The rows of one group with a row, itself among them.
    func group(of row: Int) -> [Int] {
      if groups[row] == [0, 0] { return [row] }
      return (0..<count).filter { other in
        (min(row, other)...max(row, other)).allSatisfy { groups[$0] == groups[row] }
      }
    }

    func pairwise() -> Double {
      var (total, count) = (0.0, 0.0)
      for i in 0..<self.count {
        for j in group(of: i) where labels[i] > labels[j] {
          let weight = weights[i] * weights[j]
          total += weight * log(1 + exp(heads[j][1] - heads[i][1]))
          count += weight
        }
      }
      return count > 0 ? total / count : 0
    }

    func jrc(alpha: Double) -> Double {
      var (total, count) = (0.0, 0.0)
      for i in 0..<self.count where weights[i] > 0 {
        let p = 1 / (1 + exp(heads[i][0] - heads[i][1]))
        let calibration = -labels[i] * log(p) - (1 - labels[i]) * log(1 - p)
        var ranking = 0.0
        for (label, share) in [(0, 1 - labels[i]), (1, labels[i])] {
          let sum = group(of: i).filter { weights[$0] > 0 }
            .reduce(0.0) { $0 + exp(heads[$1][label]) }
          ranking -= share * log(exp(heads[i][label]) / sum)
        }
        total += weights[i] * (alpha * calibration + (1 - alpha) * ranking)
        count += weights[i]
      }
      return total / count
    }
  }

  /// The loss of a task whose model is a bias alone, with the rows' heads in place of what it computes,
  /// and the derivatives by them.
  private func loss(
    _ loss: LossKind, _ rows: Rows, alpha: Double = 0.5, isWeighted: Bool = true
  ) throws -> (value: Double, gradient: [Double], prediction: [Double]) {
    let engine = EagerEngine<Double>(seed: 1)
    let isJoint = loss == .jrc
    let outputs = rows.heads.flatMap { isJoint ? [-$0[0], $0[1]] : [$0[1]] }
    engine.beginStep(
      batchSize: rows.count,
      feeds: [
        "z": .floats(outputs), "labels": .floats(rows.labels), "label_mask": .floats(rows.weights),
        "group": .ids(rows.groups.flatMap { $0 }),
      ])
    var task = TaskSpec(name: "a", label: "a", loss: loss, weight: 1)
    task.jrcAlpha = alpha
    let z = try engine.input("z", .f32(.batch, isJoint ? 2 : 1))
    let schema = DataSchema(
      format: TableFormat(), features: [],
      labels: [LabelSchema(task: "a", column: "a", kind: .binary)], groupColumn: "user")
    let losses = try TaskLoss(
      ModelContext(tasks: [task]), schema, hasMissingLabels: isWeighted, on: engine)
    let value = try losses.loss(0, head: .logit(z))
    let gradient = try engine.gradients(of: value, withRespectTo: [z])[0]
    let prediction = try engine.prediction(task, of: .logit(z), nil)
    return (try #require(value.scalar), gradient.floats, prediction.floats)
  }

  private func ones(_ rows: Rows) -> Rows {
    var rows = rows
    rows.weights = rows.weights.map { _ in 1 }
    return rows
  }

  @Test func pairsCountByTheProductOfTheirWeights() throws {
    let rows = Rows()
    #expect(abs(try loss(.pairwiseLogistic, rows).value - rows.pairwise()) < 1e-12)
    let plain = ones(rows)
    #expect(
      abs(try loss(.pairwiseLogistic, plain, isWeighted: false).value - plain.pairwise()) < 1e-12)
    // Graded labels are compared as they are.
    var graded = rows
    graded.labels = rows.labels.enumerated().map { $1 * Double(1 + $0 % 3) / 3 }
    #expect(abs(try loss(.pairwiseLogistic, graded).value - graded.pairwise()) < 1e-12)
    // Weights whose products are small count as their ratios do.
    var light = rows
    light.weights = rows.weights.map { 1e-9 * $0 }
    #expect(abs(try loss(.pairwiseLogistic, light).value - rows.pairwise()) < 1e-9)
  }

  @Test func withoutPairsThereIsNoLoss() throws {
    var rows = Rows()
    rows.labels = rows.labels.map { _ in 1 }
    let found = try loss(.pairwiseLogistic, rows)
    #expect(found.value == 0 && found.gradient.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [0, 0.3, 0.5, 1]) func jointLossIsThatOfThePaper(alpha: Double) throws {
    let rows = Rows()
    #expect(abs(try loss(.jrc, rows, alpha: alpha).value - rows.jrc(alpha: alpha)) < 1e-12)
    let plain = ones(rows)
    #expect(
      abs(try loss(.jrc, plain, alpha: alpha, isWeighted: false).value - plain.jrc(alpha: alpha))
        < 1e-12)
    var soft = rows
    soft.labels = rows.labels.map { 0.8 * $0 + 0.1 }
    #expect(abs(try loss(.jrc, soft, alpha: alpha).value - soft.jrc(alpha: alpha)) < 1e-12)
    for (p, head) in zip(try loss(.jrc, rows).prediction, rows.heads) {
      #expect(abs(p - 1 / (1 + exp(head[0] - head[1]))) < 1e-12)
    }
  }

  /// A row without a label changes nothing, wherever its logits are.
  @Test func rowsWithoutALabelTakeNoPart() throws {
    let rows = Rows()
    var moved = rows
    for row in rows.weights.indices where rows.weights[row] == 0 {
      moved.heads[row] = [700, -650]
      moved.labels[row] = 1 - rows.labels[row]
    }
    for kind in [LossKind.pairwiseLogistic, .jrc] {
      let (found, other) = (try loss(kind, rows), try loss(kind, moved))
      #expect(abs(found.value - other.value) < 1e-12)
      for (a, b) in zip(found.gradient, other.gradient) { #expect(abs(a - b) < 1e-12) }
    }
  }

  @Test func nothingOverflowsFarOut() throws {
    var rows = Rows()
    rows.heads = rows.heads.map { $0.map { 400 * $0 } }
    for kind in [LossKind.pairwiseLogistic, .jrc] {
      let found = try loss(kind, rows)
      #expect(found.value.isFinite && found.gradient.allSatisfy(\.isFinite))
    }
  }

  /// Derivatives against central differences of the loops.
  @Test func derivativesAgreeWithDifferences() throws {
    let rows = Rows()
    for kind in [LossKind.pairwiseLogistic, .jrc] {
      func value(_ rows: Rows) -> Double {
        kind == .jrc ? rows.jrc(alpha: 0.3) : rows.pairwise()
      }
      let gradient = try loss(kind, rows, alpha: 0.3).gradient
      let width = kind == .jrc ? 2 : 1
      for row in 0..<rows.count {
        for column in 0..<width {
          func moved(_ step: Double) -> Double {
            var rows = rows
            rows.heads[row][kind == .jrc ? column : 1] += step
            return value(rows)
          }
          let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
          // Column 0 of the head is −f⁰.
          let sign: Double = kind == .jrc && column == 0 ? -1 : 1
          #expect(abs(sign * gradient[row * width + column] - difference) < 1e-9)
        }
      }
    }
  }

  // MARK: The keys

  private static let grouped = "{ train: 'train.csv', group_by: 'user' }"

  @Test func settingsKeepGroups() throws {
    var fixture = SpecFixture()
    #expect(try !fixture.spec().training.keepsGroups)
    fixture.data = Self.grouped
    #expect(try !fixture.spec().training.keepsGroups)
    fixture.tasks = "[{ name: 'a', loss: 'jrc', jrc_alpha: 0.25 }, { name: 'b' }]"
    let spec = try fixture.spec()
    #expect(spec.training.keepsGroups && spec.tasks[0].jrcAlpha == 0.25)
    #expect(spec.tasks.map(\.outputs) == [2, 1] && spec.tasks[0].kind == .binary)
    // Predicting reads no groups.
    let names = try ModelFixture(fixture).graph(.predict).inputs.map(\.id.name)
    #expect(!names.contains("group"))
  }

  /// The sum of both biases starts at the base rate's logit.
  @Test func biasesOfTwoLogitsStartAtTheBaseRate() throws {
    var fixture = SpecFixture()
    fixture.data = Self.grouped
    fixture.tasks = """
      [{ name: 'a', loss: 'jrc' }, { name: 'b', loss: 'pairwise_logistic' },
       { name: 'c', loss: 'jrc', output_bias: 'zero' }]
      """
    let model = try ModelFixture(fixture)
    let prior = LabelPrior(count: 999, mean: 0.25)
    let logit = log((249.75 + 0.5) / (749.25 + 0.5))
    let builder = GraphBuilder(name: "train")
    try buildModel(
      model.spec, schema: model.schema, priors: [prior, prior, prior], purpose: .train,
      on: builder)
    for (task, width, start) in [("a", 2, logit / 2), ("b", 1, logit), ("c", 2, 0)] {
      let bias = try #require(
        builder.graph.parameter(ParameterID("towers.\(task).output.bias")))
      #expect(bias.type == .f32(.fixed(width)))
      // Differences of logits do not depend on a bias that both have.
      #expect(bias.isTrainable == (task != "b"))
      guard case .constant(let value) = bias.initializer else {
        Issue.record("\(bias.initializer)")
        continue
      }
      #expect(abs(value - start) < 1e-12)
    }
  }

  @Test(arguments: ["pairwise_logistic", "jrc"]) func groupsAreNeeded(loss: String) {
    var fixture = SpecFixture()
    fixture.tasks = "[{ name: 'a' }, { name: 'b', loss: '\(loss)' }]"
    #expect(
      fixture.findings() == [
        "tasks[1].loss: the loss \"\(loss)\" compares the rows of a group: it needs"
          + " \"data.group_by\", the column that names a row's group"
      ])
    fixture.data = "{ train: 'train.csv', group_by: 'user', stream: true, cache: 'c' }"
    #expect(
      fixture.findings() == [
        "tasks[1].loss: the loss \"\(loss)\" does not go with \"data.stream\", which does not keep"
          + " the rows of a group together: leave it out, and rows are held in memory"
      ])
    fixture.data = Self.grouped
    #expect(fixture.findings() == [])
    for type in ["esmm", "aitm", "funnel_v2", "funnel_v3", "funnel_v4"] {
      fixture.model = "{ type: '\(type)' }"
      #expect(
        fixture.findings() == [
          "model: the task \"b\" has the loss \"\(loss)\"; the steps of a funnel need"
            + " \"binary_cross_entropy\""
        ], "\(type)")
    }
    fixture.data = "{ train: 'train.csv' }"
    fixture.training = "{}"
    fixture.model = "{ type: 'maml', group: 'user', base: { type: 'shared_bottom' } }"
    #expect(
      fixture.findings().contains {
        $0.contains("a task whose loss compares rows cannot be adapted to")
      })
  }

  @Test(arguments: [
    ("pairwise_logistic", "positive_weight: 2"), ("pairwise_logistic", "label_smoothing: 0.1"),
    ("pairwise_logistic", "focal_gamma: 1"), ("pairwise_logistic", "jrc_alpha: 0.5"),
    ("pairwise_logistic", "negative_sampling_rate: 0.5"), ("pairwise_logistic", "normalize: true"),
    ("jrc", "positive_weight: 2"), ("jrc", "label_smoothing: 0.1"), ("jrc", "focal_alpha: 0.5"),
    ("jrc", "huber_delta: 1"), ("binary_cross_entropy", "jrc_alpha: 0.5"),
  ])
  func otherOptionsAreRefused(loss: String, option: String) {
    var fixture = SpecFixture()
    fixture.data = Self.grouped
    fixture.tasks = "[{ name: 'a', loss: '\(loss)', \(option) }]"
    let key = option.split(separator: ":")[0]
    #expect(fixture.findings() == ["tasks[0].\(key): does not go with the loss \"\(loss)\""])
  }

  @Test func whatGoesWithThem() {
    var fixture = SpecFixture()
    fixture.data = Self.grouped
    fixture.tasks = """
      [{ name: 'a', loss: 'jrc', negative_sampling_rate: 0.5, soft: true, output_bias: 'zero',
         weight_column: 'w' },
       { name: 'b', loss: 'pairwise_logistic', soft: true, where: { column: 'c', values: ['x'] } },
       { name: 'c', loss: 'pairwise_logistic', positive: ['yes'], weight: 2 }]
      """
    #expect(fixture.findings() == [])
    fixture.tasks = "[{ name: 'a', loss: 'jrc', jrc_alpha: 1.5 }]"
    #expect(
      fixture.findings() == [
        "tasks[0].jrc_alpha: expected a number at least 0 and at most 1, found the number 1.5"
      ])
  }
}
