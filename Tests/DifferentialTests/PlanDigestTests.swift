import GraphIR
import ModelDefs
import Passes
import Plan
import Schema
import TestSupport
import Testing

/// The plans of all models as they were when somebody last looked at them, by digests of
/// their bytes and of their text, with the cost of a run.
/// What a change does to a plan is shown by `mtlc compile --emit plan`.
@Suite struct PlanDigestTests {
  struct Case: Sendable {
    var name: String
    var model: String
    var tasks = "[{ name: 'income' }, { name: 'married' }]"
    var pooling = "mean"
    var features = ", encoding: 'one_hot'"
    var data = ""
    var training = ""
    var hasMissingLabels = false
    var disabled: Set<String> = []
  }

  static let cases: [Case] = {
    typealias Models = ModelDifferentialTests
    var cases: [Case] = []
    for (place, model) in Models.models.enumerated() {
      cases.append(Case(name: "model \(place)", model: model))
      cases.append(Case(name: "model \(place), masked", model: model, hasMissingLabels: true))
    }
    for (place, model) in Models.ensembles.enumerated() {
      cases.append(
        Case(
          name: "ensemble \(place)",
          model: "\(model.dropLast(2)), ensemble: { type: 'tabm', members: 5 } }",
          features: ", embedding_dim: 4"))
    }
    let plain = Models.models[1]
    for (place, tasks) in Models.taskLists.enumerated() {
      cases.append(Case(name: "tasks \(place)", model: plain, tasks: tasks))
    }
    for (place, tasks) in Models.groupTasks.enumerated() {
      cases.append(
        Case(name: "groups \(place)", model: plain, tasks: tasks, data: ", group_by: 'user'"))
    }
    for pooling in Models.poolings {
      cases.append(Case(name: "pooling \(pooling)", model: plain, pooling: pooling))
    }
    let numbers = "type: 'numeric', encoding:"
    for (name, features) in [
      (
        "bins",
        "{ columns: ['u', 'v'], \(numbers) 'piecewise_linear', num_bins: 5,"
          + " embedding_dim: 3 }, { name: 'w', \(numbers) 'piecewise_linear', num_bins: 2"
      ),
      (
        "waves",
        "{ columns: ['u', 'v'], \(numbers) 'periodic', num_frequencies: 5,"
          + " embedding_dim: 3 }, { name: 'w', \(numbers) 'periodic', raw: true"
      ),
    ] {
      cases.append(
        Case(name: name, model: plain, features: ", embedding_dim: 4 }, \(features)"))
    }
    for training in [
      "task_weighting: 'uncertainty'", "task_weighting: 'gradnorm'", "task_weighting: 'pcgrad'",
      "micro_batches: 4", "gradient_clip_norm: 1", "gradient_clip_value: 0.5",
      "optimizer: { type: 'adamw' }",
      "optimizer: { type: 'lion' }", "optimizer: { type: 'adagrad' }",
      "optimizer: { type: 'sgd', momentum: 0.8 }", "optimizer: { type: 'sgd' }",
      "sparse_optimizer: { type: 'lazy_adam' }", "sparse_optimizer: { type: 'ftrl' }",
      "sparse_optimizer: { type: 'rowwise_adagrad' }, micro_batches: 2",
    ] {
      cases.append(Case(name: training, model: plain, training: training))
    }
    for pass in ["fuse_gates", "fuse_experts", "fuse_elementwise", "cse", "fuse_optimizer"] {
      cases.append(Case(name: "without \(pass)", model: plain, disabled: [pass]))
    }
    return cases
  }()

  private func digest(_ example: Case) throws -> String {
    let spec = try Spec(
      text: """
        {
          data: { train: 'a'\(example.data) },
          features: [
            { name: 'job', type: 'id', embedding_dim: 4 },
            { name: 'town', type: 'sequence', embedding_dim: 4, max_length: 5,
              pooling: '\(example.pooling)' },
            { name: 'sex', type: 'id'\(example.features) },
            { columns: 'x0..x2', type: 'numeric' },
          ],
          tasks: \(example.tasks), model: \(example.model),
          training: { l2: 1e-3, batch_size: 24, \(example.training) },
        }
        """, file: "s.json5")
    let schema = ModelDifferentialTests().schema(spec)
    func graph(_ purpose: ProgramPurpose) throws -> Graph {
      let builder = GraphBuilder(name: "model", isTraining: purpose == .train)
      try buildModel(
        spec, schema: schema, purpose: purpose, hasMissingLabels: example.hasMissingLabels,
        isPart: spec.training.microBatches.isOn, on: builder)
      return builder.graph
    }
    // Plans hold where their files are, which is another folder on each machine.
    var training = spec.training
    training.trainPaths = []
    let compiler = Compiler(options: .init(disabled: example.disabled, includesGradients: true))
    let plan = try compiler.compile(
      .init(
        name: "model", schema: schema, tasks: [], training: training,
        trainingGraph: graph(.train), predictionGraph: graph(.predict))
    ).plan
    let counts = plan.programs.map { program in
      let costs = program.instructions.map { $0.cost(rows: 7) }
      return "\(program.kind.rawValue) \(program.instructions.count)"
        + " (\(costs.reduce(0) { $0 + $1.flops }) flops,"
        + " \(costs.reduce(0) { $0 + $1.elements }) elements)"
    }
    return "\(Self.hash(plan.encoded())) \(Self.hash(Array(plan.text.utf8))):"
      + " \(example.name): \(counts.joined(separator: ", "))"
  }

  /// FNV-1a, 64 bit.
  private static func hash(_ bytes: [UInt8]) -> String {
    let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return String(hash, radix: 16)
  }

  /// `MTLC_UPDATE_GOLDEN=1` writes the file anew.
  @Test func plansAreAsBefore() throws {
    let text = try Self.cases.map { try digest($0) + "\n" }.joined()
    let difference = try GoldenText.difference(text, from: "Golden/plans.txt")
    #expect(difference == nil)
  }
}
