import Experiments
import Report
import Schema

/// `mtlc train`.
enum TrainCommand: Command {
  static let mode = OptionSpec(
    "--mode", .value("MODE"), of: Mode.self,
    "static (default): compiled to a plan; eager: op by op, slowly")
  static let output = OptionSpec.output(
    "FOLDER", "write plan.bin (trained), metrics.json and report.html into this folder")
  static let noReport = OptionSpec("--no-report", .flag, "with -o: no report.html")
  static let tensorBoard = OptionSpec(
    "--tensorboard", .value("FOLDER"),
    "write an event file of TensorBoard into this folder: losses, metrics, the learning rate, gates"
  )
  static let resume = OptionSpec(
    "--resume", .flag, "go on from FOLDER/checkpoint.bin, with -o FOLDER")
  static let checkpoint = OptionSpec(
    "--checkpoint", .flag,
    "with -o: write checkpoint.bin after each epoch; it goes when the run is done")
  static let mpi = OptionSpec(
    "--mpi", .flag,
    "train with the other processes of the mpirun that started this one, each with a share of training.micro_batches"
  )
  static let seed = OptionSpec("--seed", .value("N"), "short for --set training.seed=N")

  static let spec = CommandSpec(
    name: "train", summary: "train a model from its spec and show its metrics",
    details: """
      The same as mtlc compile and then mtlc run, in one process and with the same bits. Both modes \
      start from the same weights and see the same batches. With -o, Ctrl-C (or SIGTERM, \
      SIGHUP) leaves a checkpoint, from which --resume goes on bit for bit as if the run had never \
      stopped. One run at a time writes into FOLDER; the checkpoint goes when the run is done.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [
      output, noReport, tensorBoard, resume, checkpoint, mode, mpi, .set, seed, .onError, .threads,
      .json, .quiet,
    ],
    examples: [
      .init(
        line: "mtlc train examples/sample-mmoe.json5", comment: "the sample, generated on first use"
      ),
      .init(
        line: "mtlc train spec.json5 --set training.epochs=3 -o out",
        comment: "three epochs; out/plan.bin can predict"),
      .init(
        line: "mtlc train spec.json5 -o out/first --tensorboard runs/first",
        comment: "to be watched in TensorBoard while it runs"),
      .init(line: "mtlc train spec.json5 --mode eager", comment: "without the compiler"),
      .init(
        line: "mpirun -n 4 mtlc train spec.json5 --set training.micro_batches=4 --mpi -o out",
        comment: "four processes; the same bits as one"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard arguments.has(mpi) else { return try first(arguments, nil) }
    return try WorkerProcess.run { workers in
      try workers.isFirst ? first(arguments, workers) : other(arguments, workers)
    }
  }

  /// A process that prints and writes no results.
  private static func other(_ arguments: Arguments, _ workers: Workers) throws -> ExitCode {
    let seed = try seedOverrides(arguments)
    var experiment = try arguments.experiment(arguments.operands[0], overrides: seed)
    experiment.workers = workers
    let checkpoints = try checkpoints(arguments, .static)
    let run = try experiment.train(
      try arguments.choice(mode, Mode.self) ?? .static, checkpoints: checkpoints,
      diagnoses: diagnoses(arguments),
      observer: StopObserver(listensToSignals: checkpoints != nil))
    // The first process writes what all have parts of.
    if run.spreadsTables, let folder = arguments[output] {
      try run.writePlan(to: "\(folder)/plan.bin")
    }
    return .success
  }

  /// The one process, or the first of several.
  private static func first(_ arguments: Arguments, _ workers: Workers?) throws -> ExitCode {
    try OutputFolder.use(arguments[output], isExclusive: true) {
      try OutputFolder.use(arguments[tensorBoard]) { try train(arguments, workers) }
    }
  }

  private static func seedOverrides(_ arguments: Arguments) throws -> [String] {
    try arguments.integer(seed, in: 0...Int.max).map { ["training.seed=\($0)"] } ?? []
  }

  private static func diagnoses(_ arguments: Arguments) -> Diagnoses {
    var diagnoses: Diagnoses = arguments.has(tensorBoard) ? [.conflicts, .distributions] : []
    if arguments.has(output), !arguments.has(noReport) { diagnoses.insert(.conflicts) }
    return diagnoses
  }

  private static func train(_ arguments: Arguments, _ workers: Workers?) throws -> ExitCode {
    let mode = try arguments.choice(mode, Mode.self) ?? .static
    if arguments.has(noReport), !arguments.has(output) {
      throw ExperimentError(.argument, "\(noReport.name) goes with -o FOLDER")
    }
    let seed = try seedOverrides(arguments)
    let checkpoints = try checkpoints(arguments, mode)
    let terminal = TerminalObserver(arguments, listensToSignals: checkpoints != nil)
    let log = arguments[tensorBoard].map { TensorBoardLog(in: $0, next: terminal) }
    var experiment = try arguments.experiment(arguments.operands[0], overrides: seed)
    experiment.workers = workers
    let run = try experiment.train(
      mode, checkpoints: checkpoints, diagnoses: diagnoses(arguments), observer: log ?? terminal)
    let summary = TrainingSummary(run: run)
    if let folder = arguments[output] {
      try run.writePlan(to: "\(folder)/plan.bin")
      try OutputFolder.write(
        run.metricsFile.text, to: "\(folder)/metrics.json")
      // Only now is there nothing left to go on from.
      try checkpoints?.remove()
      terminal.note("wrote \(folder)/plan.bin and \(folder)/metrics.json")
      if run.spreadsTables, !arguments.has(noReport) {
        terminal.note(
          "no report.html: no process has the whole model; mtlc report \(folder) makes it")
      } else if !arguments.has(noReport) {
        let report = try run.report(threads: try arguments.threads())
        try OutputFolder.write(
          report.html(version: ToolVersion.text, command: "mtlc report \(folder)"),
          to: "\(folder)/report.html")
        terminal.note("wrote \(folder)/report.html")
      }
    }
    try Terminal.result(arguments.has(.json) ? summary.json.text : summary.text)
    try log?.finish(run)
    return .success
  }

  private static func checkpoints(_ arguments: Arguments, _ mode: Mode) throws -> Checkpoints? {
    guard let folder = arguments[output], mode == .static else {
      for option in [resume, checkpoint] where arguments.has(option) {
        throw ExperimentError(.argument, "\(option.name) goes with -o FOLDER and the static mode")
      }
      return nil
    }
    return Checkpoints(
      in: folder, isEachEpoch: arguments.has(checkpoint), resumes: arguments.has(resume))
  }
}
