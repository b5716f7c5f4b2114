import Foundation
import ModelDefs
import Schema
import Testing

/// What `training` decodes to beyond its numbers, and what it refuses with nothing else.
@Suite struct TrainingDetailTests {
  private let two = "[{ name: 'income' }, { name: 'married' }]"

  private func fixture(_ training: String, tasks: String? = nil, data: String? = nil) -> SpecFixture
  {
    var fixture = SpecFixture()
    fixture.training = "{ \(training) }"
    fixture.tasks = tasks ?? two
    fixture.data = data ?? "{ train: 'a', validation: 'v' }"
    return fixture
  }

  private func findings(_ training: String, tasks: String? = nil, data: String? = nil) -> [String] {
    fixture(training, tasks: tasks, data: data).findings()
  }

  @Test func initialPlans() throws {
    func initial(_ training: String, _ overrides: String) throws -> InitialPlan? {
      try fixture(training).spec(overrides).initial
    }
    let none = "name=x"
    #expect(try initial("", none) == nil)
    #expect(
      try initial("initialize_from: 'p.plan'", none)
        == InitialPlan(path: "dir/p.plan", keepsNormalizers: true, keepsOptimizer: false))
    #expect(
      try initial(
        "initialize_from: '/p', initialize_normalizers: 'fit', initialize_optimizer: 'keep'", none)
        == InitialPlan(path: "/p", keepsNormalizers: false, keepsOptimizer: true))
    #expect(
      try initial("", "training.initialize_from=q.plan") == InitialPlan(path: "q.plan"))
    for key in ["initialize_normalizers: 'keep'", "initialize_optimizer: 'drop'"] {
      #expect(
        findings(key)
          == ["training.\(key.prefix { $0 != ":" }): goes only with \"initialize_from\""])
    }
    #expect(try fixture("save_optimizer: true").spec().training.savesOptimizer)
    #expect(try !fixture("").spec().training.savesOptimizer)
  }

  @Test func tablesOfTheSparseOptimizer() throws {
    var fixture = fixture("sparse_optimizer: { type: 'sgd', placement: 'sharded' }")
    fixture.features = """
      [{ name: 'a', type: 'id', embedding_name: 'e' }, { name: 'b', type: 'sequence' },
       { name: 'c', type: 'id', embedding_name: 'e' }, { name: 'd', type: 'numeric' },
       { name: 'f', type: 'id', pretrained: { file: 'v', trainable: false } },
       { name: 'g', type: 'id', encoding: 'one_hot' }]
      """
    let spec = try fixture.spec()
    #expect(spec.training.optimizer.sparse?.tables == ["embedding.e", "embedding.b"])
    #expect(spec.tablePlacement == .sharded)
    fixture.features = "[{ name: 'd', type: 'numeric' }]"
    let plain = try fixture.spec()
    #expect(plain.training.optimizer.sparse == nil && plain.tablePlacement == .replicated)
    #expect(
      findings("sparse_optimizer: { type: 'sgd' }, gradient_clip_norm: 1") == [
        "training.gradient_clip_norm: goes only without \"sparse_optimizer\": the norm of all"
          + " gradients would need those of whole tables"
      ])
    #expect(findings("sparse_optimizer: { type: 'sgd' }, gradient_clip_value: 1") == [])
  }

  @Test func weightsOfTasks() throws {
    #expect(
      try fixture("task_weighting: 'dwa', dwa_temperature: 3").spec().training.taskWeighting
        == .dynamicAverage(temperature: 3))
    #expect(
      try fixture("task_weighting: 'gradnorm', gradnorm_alpha: 0.25, gradnorm_learning_rate: 0.75")
        .spec().training.taskWeighting == .gradNorm(alpha: 0.25, learningRate: 0.75))
    let one = "[{ name: 'income' }]"
    for kind in ["dwa", "gradnorm", "pcgrad"] {
      #expect(
        findings("task_weighting: '\(kind)'", tasks: one)
          == ["training.task_weighting: \"\(kind)\" needs two tasks or more"])
    }
    for kind in ["fixed", "uncertainty"] {
      #expect(findings("task_weighting: '\(kind)'", tasks: one) == [])
    }
    for (key, kind) in [
      ("dwa_temperature", "dwa"), ("gradnorm_alpha", "gradnorm"),
      ("gradnorm_learning_rate", "gradnorm"),
    ] {
      #expect(findings("task_weighting: '\(kind)', \(key): 1") == [])
      #expect(
        findings("task_weighting: 'uncertainty', \(key): 1")
          == ["training.\(key): goes only with \"task_weighting\" \"\(kind)\""])
    }
  }

  @Test func microBatches() throws {
    #expect(try fixture("micro_batches: 4").spec().training.microBatches == MicroBatches(4))
    #expect(findings("batch_size: 8, micro_batches: 8") == [])
    #expect(
      findings("batch_size: 8, micro_batches: 9")
        == ["training.micro_batches: is more than the 8 rows of \"batch_size\""])
    for kind in ["uncertainty", "dwa"] {
      #expect(findings("micro_batches: 2, task_weighting: '\(kind)'") == [])
    }
    for kind in ["gradnorm", "pcgrad"] {
      #expect(findings("micro_batches: 1, task_weighting: '\(kind)'") == [])
      #expect(
        findings("micro_batches: 2, task_weighting: '\(kind)'") == [
          "training.micro_batches: does not go with \"task_weighting\" \"\(kind)\", which takes the"
            + " gradient of each task over the whole batch; use \"fixed\", \"uncertainty\" or"
            + " \"dwa\", or leave it away"
        ])
    }
    #expect(
      findings(
        "micro_batches: 2", tasks: "[{ name: 'a' }, { name: 'b', loss: 'jrc' }]",
        data: "{ train: 'a', group_by: 'g' }") == [
          "training.micro_batches: does not go with the loss \"jrc\" of the task \"b\", which"
            + " compares the rows of a whole batch; leave it away"
        ])
  }

  @Test func schedules() throws {
    func schedule(_ text: String) throws -> LearningRateSchedule {
      try fixture("learning_rate_schedule: { \(text) }").spec().training.schedule
    }
    #expect(
      try schedule("type: 'exponential', period_steps: 30, warmup_steps: 4")
        == LearningRateSchedule(
          shape: .exponential(factor: 0.9), period: .steps(30), warmup: .steps(4)))
    #expect(
      try schedule("type: 'cosine', period_steps: 30, final_factor: 0.25")
        == LearningRateSchedule(shape: .cosine(final: 0.25), period: .steps(30)))
    #expect(
      try schedule("type: 'step', period_epochs: 2.5, warmup_epochs: 0.5")
        == LearningRateSchedule(
          shape: .step(factor: 0.1), period: .epochs(2.5), warmup: .epochs(0.5)))
    #expect(
      try schedule("type: 'constant', warmup_epochs: 2")
        == LearningRateSchedule(warmup: .epochs(2)))
    let place = "training.learning_rate_schedule"
    for type in ["step", "exponential", "cosine"] {
      #expect(
        findings(
          "learning_rate_schedule: { type: '\(type)', period_steps: 3, period_epochs: 1 }")
          == ["\(place).period_steps: goes only without \"period_epochs\""])
    }
    #expect(
      findings("learning_rate_schedule: { type: 'cosine', warmup_steps: 3, warmup_epochs: 1 }")
        == ["\(place).warmup_steps: goes only without \"warmup_epochs\""])
  }

  // MARK: Early stopping

  private func watched(_ metric: String, tasks: String? = nil, data: String? = nil) -> [String] {
    findings("early_stopping: { metric: '\(metric)' }", tasks: tasks, data: data)
  }

  @Test func watchedMetrics() throws {
    let place = "training.early_stopping.metric"
    let mixed =
      "[{ name: 'income' }, { name: 'pay', loss: 'mse' }, { name: 'k', classes: ['a', 'b'] }]"
    func names(_ kinds: TaskKind...) -> String {
      var names: [String] = []
      for metric in kinds.flatMap(\.metrics) where metric.better != nil && metric != .groupedAUC {
        if !names.contains(metric.rawValue) { names.append(metric.rawValue) }
      }
      return names.joined(separator: ", ")
    }
    for metric in ["auc", "income.auc", "pay.rmse", "rmse", "k.accuracy", "accuracy"] {
      #expect(watched(metric, tasks: mixed) == [], "\(metric)")
    }
    #expect(
      watched("income.zzzzzzzz", tasks: mixed) == [
        "\(place): the task \"income\" has no metric \"zzzzzzzz\" to watch; known: "
          + names(.binary)
      ])
    #expect(
      watched("pay.zzzzzzzz", tasks: mixed) == [
        "\(place): the task \"pay\" has no metric \"zzzzzzzz\" to watch; known: "
          + names(.regression)
      ])
    #expect(
      watched("zzzzzzzz", tasks: mixed) == [
        "\(place): there is no metric \"zzzzzzzz\" to watch; known: "
          + names(.binary, .regression, .multiclass(classes: 2))
      ])
    #expect(
      watched("wholly.auc", tasks: mixed)
        == ["\(place): no task is named \"wholly\"; known: income, pay, k"])
    #expect(watched("gauc") == ["\(place): the metric \"gauc\" needs \"data.group_by\""])
    #expect(watched("gauc", data: "{ train: 'a', validation: 'v', group_by: 'g' }") == [])
    let spec = try fixture("early_stopping: { metric: 'pay.rmse' }", tasks: mixed).spec()
    #expect(spec.training.earlyStopping?.maximizes == false)
  }

  @Test func rowsToWatch() {
    let needs =
      "training.early_stopping: needs validation rows: \"data.validation\" or"
      + " \"data.validation_fraction\""
    for (data, expected) in [
      ("{ train: 'a' }", [needs]), ("{ train: 'a', validation: 'v' }", []),
      ("{ train: 'a', validation_fraction: 0.1 }", []),
      ("{ train: 'a', validation_split: { column: 'day', from: 3 } }", []),
      ("{ train: 'a', test: 't' }", [needs]),
    ] {
      #expect(watched("auc", data: data) == expected, "\(data)")
    }
  }

  /// The conditional outputs of a funnel have the metrics of a binary task.
  @Test func conditionalOutputsAreWatched() {
    var fixture = fixture("early_stopping: { metric: 'married_given_income.auc' }")
    fixture.model = "{ type: 'funnel_v2', conditional_outputs: true }"
    #expect(fixture.findings() == [])
    fixture.model = "{ type: 'funnel_v2' }"
    #expect(
      fixture.findings() == [
        "training.early_stopping.metric: no task is named \"married_given_income\"; known: income,"
          + " married"
      ])
  }
}
