import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema
import Testing

/// All that training keeps from step to step lies in the checkpoint: a run that stops within an
/// epoch and goes on gives the bits of one that never stopped.
@Suite struct ResumeTests {
  private func plan(_ weighting: String, microBatches: Int) throws -> Plan {
    let spec = try Spec(
      text: """
        {
          data: { train: 'a' },
          features: [{ columns: 'x0..x2', type: 'numeric' }],
          tasks: [{ name: 'a' }, { name: 'b' }],
          model: {
            type: 'mmoe', num_experts: 2, expert_hidden_units: [6], batch_norm: true, dropout: 0.1,
          },
          training: {
            batch_size: 16, epochs: 5, task_weighting: '\(weighting)', gradient_clip_norm: 0.5,
            learning_rate_schedule: { type: 'cosine', warmup_epochs: 0.5 },
          },
        }
        """, file: "s.json5")
    let schema = DataSchema(
      format: TableFormat(),
      features: spec.dataDeclaration.features.map {
        FeatureSchema(name: $0.name, column: $0.column, encoder: .numeric(Normalizer()))
      }, labels: spec.dataDeclaration.labels)
    func graph(_ purpose: ProgramPurpose) throws -> Graph {
      let builder = GraphBuilder(name: "model", isTraining: purpose == .train)
      try buildModel(
        spec, schema: schema, purpose: purpose, hasMissingLabels: false, isPart: microBatches > 1,
        on: builder)
      return builder.graph
    }
    let options = spec.training
    var training = TrainingSettings(
      batchSize: options.batchSize, evaluationBatchSize: 32, epochs: options.epochs, seed: 3,
      optimizer: Optimizer(kind: .adam, learningRate: 0.01),
      schedule: options.schedule, clipping: options.clipping,
      taskWeighting: options.taskWeighting,
      taskWeights: spec.tasks.map { TaskWeight(task: $0.name, weight: $0.weight) })
    training.microBatches = MicroBatches(microBatches)
    return try Compiler().compile(
      Compiler.Model(
        name: "model", schema: schema,
        tasks: spec.tasks.enumerated().map { column, task in
          TaskRecord(
            name: task.name, kind: .binary, output: OutputName.prediction(task.name),
            labelColumn: column)
        },
        training: training,
        trainingGraph: try graph(.train), predictionGraph: try graph(.predict))
    ).plan
  }

  private static func order(_ epoch: Int) -> EpochOrder {
    EpochOrder((0..<100).map { Int32(($0 * 7 + epoch * 3) % 100) })
  }

  @Test(arguments: ["fixed", "uncertainty", "dwa", "gradnorm", "pcgrad"], [1, 17, 31])
  func stoppingAndGoingOnChangesNothing(weighting: String, step: Int) throws {
    try stopAndGoOn(weighting, step: step, microBatches: 1)
  }

  /// Batches of 16 rows and a last one of 4, in more parts than that has rows too.
  @Test(arguments: ["fixed", "uncertainty", "dwa"], [3, 4, 5])
  func stoppingBetweenBatchesOfPartsChangesNothing(weighting: String, microBatches: Int) throws {
    try stopAndGoOn(weighting, step: 17, microBatches: microBatches)
  }

  private func stopAndGoOn(_ weighting: String, step: Int, microBatches: Int) throws {
    let plan = try plan(weighting, microBatches: microBatches)
    let source = ModeComparisonTests.Source()
    func engine(_ plan: Plan, threads: Int) throws -> StaticEngine {
      let session = try Session(plan: plan, threads: threads)
      if plan.weights == nil { session.initialize(seed: plan.training.seed) }
      return try StaticEngine(session)
    }
    let whole = try engine(plan, threads: 1)
    func trainer(_ engine: StaticEngine) throws -> Trainer {
      Trainer(try RowSteps(engine, plan.training, source, order: Self.order))
    }
    let report = try trainer(whole).train()
    #expect(report.epochs.count == 5)

    let first = try engine(plan, threads: 2)
    let stopping = try trainer(first)
    stopping.shouldStop = { first.step == step }
    let stopped = try stopping.train()
    #expect(stopped.isStopped)
    let bytes = first.checkpoint(at: stopping.position).encoded()
    let second = try engine(try Plan(decoding: bytes), threads: 2)
    let rest = try trainer(second).train(from: stopping.position)
    #expect(second.session.weights == whole.session.weights)
    #expect(second.session.optimizerStates == whole.session.optimizerStates)
    // The report of the last epoch is that of all its rows where the run went on before it.
    guard stopping.position.epoch < 4 else { return }
    #expect(rest.epochs.last?.taskWeights == report.epochs.last?.taskWeights)
  }
}
