import ModelDefs
import Schema
import Testing

/// The keys of `training` beyond the optimizer.
@Suite struct TrainingOptionTests {
  private func options(_ training: String) throws -> TrainingSettings {
    var fixture = SpecFixture()
    fixture.data = "{ train: 'train.csv', validation_fraction: 0.1 }"
    fixture.training = training
    return try fixture.spec().training
  }

  @Test(arguments: [
    ("{ type: 'constant', warmup_steps: 7 }", LearningRateSchedule(warmup: .steps(7))),
    (
      "{ type: 'step', factor: 0.5, period_steps: 100 }",
      LearningRateSchedule(shape: .step(factor: 0.5), period: .steps(100))
    ),
    ("{ type: 'step' }", LearningRateSchedule(shape: .step(factor: 0.1), period: .epochs(1))),
    (
      "{ type: 'exponential', factor: 0.8, period_epochs: 0.5, warmup_epochs: 1.5 }",
      LearningRateSchedule(
        shape: .exponential(factor: 0.8), period: .epochs(0.5), warmup: .epochs(1.5))
    ),
    ("{ type: 'cosine' }", LearningRateSchedule(shape: .cosine(final: 0), period: .rest)),
    (
      "{ type: 'cosine', final_factor: 0.1, period_epochs: 3 }",
      LearningRateSchedule(shape: .cosine(final: 0.1), period: .epochs(3))
    ),
  ])
  func readsSchedules(text: String, expected: LearningRateSchedule) throws {
    #expect(try options("{ learning_rate_schedule: \(text) }").schedule == expected)
  }

  @Test func readsClipping() throws {
    #expect(try options("{}").clipping == GradientClipping())
    #expect(try options("{}").schedule.isConstant)
    #expect(
      try options("{ gradient_clip_norm: 1, gradient_clip_value: 0.5 }").clipping
        == GradientClipping(value: 0.5, norm: 1))
  }

  @Test func readsEarlyStopping() throws {
    #expect(try options("{}").earlyStopping == nil)
    #expect(
      try options("{ early_stopping: { metric: 'income.auc' } }").earlyStopping
        == EarlyStopping(metric: "income.auc", maximizes: true, patience: 1, minDelta: 0))
    let found = try options(
      "{ early_stopping: { metric: 'log_loss', patience: 4, min_delta: 1e-3 } }")
    #expect(
      found.earlyStopping
        == EarlyStopping(metric: "log_loss", maximizes: false, patience: 4, minDelta: 1e-3))
    #expect(
      try options("{ early_stopping: { metric: 'auc', mode: 'min' } }").earlyStopping?.maximizes
        == false)
    // What is better follows from the metric, where the spec does not say it.
    for (metric, isMore) in [
      ("log_loss", false), ("income.log_loss", false), ("pr_auc", true), ("accuracy", true),
    ] {
      #expect(
        try options("{ early_stopping: { metric: '\(metric)' } }").earlyStopping?.maximizes
          == isMore, "\(metric)")
      #expect(
        try options("{ early_stopping: { metric: '\(metric)', mode: 'max' } }").earlyStopping?
          .maximizes == true)
    }
  }

  @Test func readsAveragesOfWeights() throws {
    for (text, expected) in [
      ("{}", nil), ("{ weights_average: { type: 'ema' } }", .exponential(decay: 0.999)),
      ("{ weights_average: { type: 'ema', decay: 0.9 } }", .exponential(decay: 0.9)),
      ("{ weights_average: { type: 'swa' } }", .stochastic(start: 0.75)),
      (
        "{ weights_average: { type: 'swa', start: 0 }, sparse_optimizer: { type: 'sgd' } }",
        .stochastic(start: 0)
      ),
    ] as [(String, WeightsAverage?)] {
      #expect(try options(text).weightsAverage == expected, "\(text)")
    }
  }

  @Test(arguments: [
    ("{}", MatmulPrecision.highest), ("{ matmul_precision: 'highest' }", .highest),
    ("{ matmul_precision: 'high' }", .high), ("{ matmul_precision: 'medium' }", .medium),
  ])
  func readsMatmulPrecision(text: String, expected: MatmulPrecision) throws {
    #expect(try options(text).kernels.matmulPrecision == expected)
  }

  @Test(arguments: [
    ("{}", TaskWeighting.fixed), ("{ task_weighting: 'uncertainty' }", .uncertainty),
    ("{ task_weighting: 'dwa' }", .dynamicAverage(temperature: 2)),
    (
      "{ task_weighting: 'gradnorm', gradnorm_alpha: 0.5 }",
      .gradNorm(alpha: 0.5, learningRate: 0.025)
    ),
    ("{ task_weighting: 'pcgrad' }", .pcGrad),
  ])
  func readsTaskWeighting(text: String, expected: TaskWeighting) throws {
    #expect(try options(text).taskWeighting == expected)
  }

  @Test func weighingGradientsNeedsTasks() {
    var fixture = SpecFixture()
    fixture.tasks = "[{ name: 'income' }]"
    fixture.training = "{ task_weighting: 'pcgrad' }"
    #expect(
      fixture.findings() == ["training.task_weighting: \"pcgrad\" needs two tasks or more"])
  }

  @Test(arguments: [
    (
      "{ batch_size: 8, micro_batches: 9 }",
      "training.micro_batches: is more than the 8 rows of \"batch_size\""
    ),
    ("{ micro_batches: 0 }", "training.micro_batches: expected an integer from 1"),
    (
      "{ micro_batches: 2, task_weighting: 'gradnorm' }",
      "training.micro_batches: does not go with \"task_weighting\" \"gradnorm\""
    ),
    (
      "{ micro_batches: 2, task_weighting: 'pcgrad' }",
      "training.micro_batches: does not go with \"task_weighting\" \"pcgrad\""
    ),
    ("{ task_weighting: 'gradnrm' }", "unknown task_weighting \"gradnrm\"; did you mean"),
    (
      "{ task_weighting: 'gradnorm', dwa_temperature: 1 }",
      "training.dwa_temperature: goes only with \"task_weighting\" \"dwa\""
    ),
    ("{ gradnorm_alpha: 1 }", "training.gradnorm_alpha: goes only with"),
    (
      "{ learning_rate_schedule: { warmup_steps: 1 } }",
      "training.learning_rate_schedule: the required key \"type\" is missing"
    ),
    (
      "{ learning_rate_schedule: { type: 'cosin' } }",
      "unknown schedule type \"cosin\"; did you mean \"cosine\"?"
    ),
    (
      "{ learning_rate_schedule: { type: 'cosine', factor: 0.1 } }",
      "training.learning_rate_schedule.factor: does not go with the schedule type"
    ),
    (
      "{ learning_rate_schedule: { type: 'step', period_steps: 3, period_epochs: 1 } }",
      "period_steps: goes only without \"period_epochs\""
    ),
    (
      "{ learning_rate_schedule: { type: 'constant', warmup_steps: 3, warmup_epochs: 1 } }",
      "warmup_steps: goes only without \"warmup_epochs\""
    ),
    ("{ learning_rate_schedule: { type: 'step', factor: 0 } }", "greater than 0"),
    ("{ learning_rate_schedule: { type: 'step', period_steps: 0 } }", "integer from 1"),
    (
      "{ matmul_precision: 'hihg' }",
      "training.matmul_precision: unknown matmul_precision \"hihg\"; did you mean \"high\"?"
    ),
    (
      "{ matmul_precision: 'bf16' }",
      "unknown matmul_precision \"bf16\"; known: highest, high, medium"
    ),
    ("{ gradient_clip_norm: 0 }", "training.gradient_clip_norm: expected a number greater than 0"),
    ("{ gradient_clip_value: -1 }", "training.gradient_clip_value: expected a number greater"),
    ("{ weights_average: {} }", "the required key \"type\" is missing; one of ema, swa"),
    ("{ weights_average: { type: 'ema', decay: 1 } }", "decay: expected a number"),
    ("{ weights_average: { type: 'ema', start: 0.5 } }", "it belongs to \"swa\""),
    (
      "{ weights_average: { type: 'ema' }, sparse_optimizer: { type: 'sgd' } }",
      "training.weights_average: type \"ema\" goes only without \"sparse_optimizer\""
    ),
    ("{ early_stopping: {} }", "the required key \"metric\" is missing"),
    (
      "{ early_stopping: { metric: 'incom.auc' } }",
      "training.early_stopping.metric: no task is named \"incom\"; did you mean \"income\"?"
    ),
    ("{ early_stopping: { metric: 'auc', mode: 'up' } }", "unknown mode \"up\""),
    ("{ early_stopping: { metric: 'auc', patience: 0 } }", "integer from 1"),
  ])
  func refuses(training: String, finding: String) {
    var fixture = SpecFixture()
    fixture.data = "{ train: 'train.csv', validation_fraction: 0.1 }"
    fixture.training = training
    let findings = fixture.findings()
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }

  @Test func earlyStoppingNeedsValidationRows() {
    var fixture = SpecFixture()
    fixture.training = "{ early_stopping: { metric: 'auc' } }"
    #expect(
      fixture.findings() == [
        "training.early_stopping: needs validation rows: \"data.validation\" or"
          + " \"data.validation_fraction\""
      ])
  }
}
