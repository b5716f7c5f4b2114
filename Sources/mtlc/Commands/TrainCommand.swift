import Data
import ModelDefs
import Passes
import Plan
import Runtime

/// `mtlc train`.
enum TrainCommand: Command {
  enum Mode: String, CaseIterable { case `static`, eager }

  static let mode = OptionSpec(
    "--mode", .value("MODE"), "static (default): compiled to a plan; eager: op by op, slowly")
  static let output = OptionSpec.output(
    "FOLDER", "write plan.bin (trained) and metrics.json into this folder")
  static let resume = OptionSpec(
    "--resume", .flag, "go on from FOLDER/checkpoint.bin, with -o FOLDER")
  static let checkpoint = OptionSpec(
    "--checkpoint", .flag, "with -o: write checkpoint.bin after each epoch")
  static let seed = OptionSpec("--seed", .value("N"), "short for --set training.seed=N")

  static let spec = CommandSpec(
    name: "train", summary: "train a model from its spec and show its metrics",
    details: """
      The same as mtlc compile and then mtlc run, in one process and with the same bits. Both modes \
      start from the same weights and see the same batches. With -o, Ctrl-C (or SIGTERM) leaves a \
      checkpoint, from which --resume goes on bit for bit as if the run had never stopped.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [output, resume, checkpoint, mode, .set, seed, .onError, .threads, .json, .quiet],
    examples: [
      .init(
        line: "mtlc train examples/sample-mmoe.json5", comment: "the sample, generated on first use"
      ),
      .init(
        line: "mtlc train spec.json5 --set training.epochs=3 -o out",
        comment: "three epochs; out/plan.bin can predict"),
      .init(line: "mtlc train spec.json5 --mode eager", comment: "without the compiler"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let mode = try arguments.choice(mode, Mode.self) ?? .static
    let threads = try arguments.integer(.threads, in: 1...1024)
    let seed = try arguments.integer(seed, in: 0...Int.max)
    if let folder = arguments[output] { try OutputFolder.make(folder) }
    let saving = try saving(arguments, mode)
    let overrides = seed.map { ["training.seed=\($0)"] } ?? []
    if let meta = try MetaWorkflow(arguments, path: arguments.operands[0], overrides: overrides) {
      for option in [resume, checkpoint] where arguments.has(option) {
        throw UsageError(
          message: "\(option.name): a maml model is trained in one go", hint: nil)
      }
      try MetaCommands.train(
        meta, mode: mode, threads: threads, output: arguments[output], json: arguments.has(.json))
      return .success
    }
    let workflow = try SpecWorkflow(
      arguments, path: arguments.operands[0], overrides: overrides)
    let stream = try workflow.stream()
    let fitted = try stream?.sample ?? workflow.fit()
    try workflow.requireLabels(fitted.statistics)
    let plan = try workflow.compile(fitted).plan
    for label in fitted.statistics.labels where label.missing > 0 {
      workflow.log.note(
        "\(label.task): \(Format.count(label.missing)) of \(Format.count(label.missing + label.present))"
          + " training rows have no label and do not count for it")
    }
    let order = FunnelOrder(fitted.dataset, fitted.schema, steps: workflow.spec.funnelSteps)
    for contradiction in order.contradictions { workflow.log.warning(contradiction.text) }
    let data =
      try stream.map {
        try TrainingData(
          plan.training, schema: plan.schema, streaming: $0.file, reading: workflow.reading)
      }
      ?? TrainingData(
        plan.training, schema: plan.schema, training: fitted.dataset, reading: workflow.reading)
    let trained: (outcome: TrainingRun.Outcome, plan: () throws -> Plan)
    switch mode {
    case .static:
      trained = try trainStatic(
        plan, data, threads, workflow.log, saving, resumes: arguments.has(resume))
    case .eager:
      trained = try trainEager(plan, data, workflow.eagerModel(fitted), workflow.log)
    }
    let summary = TrainingSummary(
      name: plan.name, mode: mode.rawValue, seed: plan.training.seed,
      tasks: plan.tasks.map(\.name), outcome: trained.outcome, best: workflow.best)
    if let folder = arguments[output] {
      try PlanFile.write(try trained.plan(), to: "\(folder)/plan.bin")
      try AtomicFile.write(
        Array(JSON.object(summary.metrics).text.utf8), to: "\(folder)/metrics.json")
      workflow.log.note("wrote \(folder)/plan.bin and \(folder)/metrics.json")
    }
    try Terminal.result(arguments.has(.json) ? summary.json.text : summary.text)
    return .success
  }

  private static func saving(_ arguments: Arguments, _ mode: Mode) throws -> CheckpointFile? {
    guard let folder = arguments[output], mode == .static else {
      for option in [resume, checkpoint] where arguments.has(option) {
        throw UsageError(
          message: "\(option.name) goes with -o FOLDER and the static mode", hint: nil)
      }
      return nil
    }
    return CheckpointFile(folder: folder, isEachEpoch: arguments.has(checkpoint))
  }

  /// Trains a plan from its seed, or on from a checkpoint; also what `mtlc run` does.
  static func trainStatic(
    _ plan: Plan, _ data: TrainingData, _ threads: Int?, _ log: Log,
    _ saving: CheckpointFile? = nil, resumes: Bool = false
  ) throws -> (outcome: TrainingRun.Outcome, plan: () throws -> Plan) {
    var start = TrainingPosition.start
    let session: Session
    if resumes, let saving {
      let found = try saving.read(for: plan)
      session = try Session(plan: found.plan, threads: threads)
      start = found.position
    } else {
      session = try Session(plan: plan, threads: threads)
      session.initialize(seed: plan.training.seed)
    }
    let engine = try StaticEngine(session)
    let run = TrainingRun(
      engine: engine, settings: plan.training, data: data, log: log, checkpoint: saving,
      start: start)
    return (try run.run(), { engine.trainedPlan })
  }

  private static func trainEager(
    _ plan: Plan, _ data: TrainingData, _ model: EagerModel<Float>, _ log: Log
  ) throws -> (outcome: TrainingRun.Outcome, plan: () throws -> Plan) {
    let engine = EagerTrainingEngine(
      model: model, tasks: plan.tasks, trainCapacity: plan.training.batchSize,
      predictCapacity: plan.training.evaluationBatchSize)
    // Running the model once declares its parameters, so that there is a state to come back to when
    // something goes wrong in the first steps.
    let destinations = try engine.destinations(for: data.training.feeds, .predict)
    data.rows.prefix(1).withContiguousStorageIfAvailable {
      data.training.copyRows($0, into: destinations)
    }
    try engine.predict(rows: 1)
    let run = TrainingRun(engine: engine, settings: plan.training, data: data, log: log)
    let outcome = try run.run()
    return (
      outcome,
      {
        let session = try Session(plan: plan, threads: 1)
        for record in plan.parameters {
          try session.setParameter(record.name, try engine.parameter(record.name))
        }
        return try StaticEngine(session).trainedPlan
      }
    )
  }
}
