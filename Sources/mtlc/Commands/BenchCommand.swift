import Experiments

/// `mtlc bench`.
enum BenchCommand: Command {
  static let batch = OptionSpec(
    "--batch", .value("N,N"),
    "batch sizes to time (default 32,256,1024,4096); a program of an episode has none")
  static let predict = OptionSpec("--predict", .flag, "time predictions instead of training steps")
  static let seconds = OptionSpec(
    "--seconds", .value("N"), "how long to time each size (default 2)")
  static let fresh = OptionSpec(
    "--fresh", .flag, "other rows for each step, so that lookups miss the caches as in training")
  static let profile = OptionSpec("--profile", .flag, "also show where the time of a step goes")

  static let mpi = OptionSpec(
    "--mpi", .flag,
    "steps that the processes of the mpirun share which started this one, as they do with mtlc train"
  )

  static let spec = CommandSpec(
    name: "bench", summary: "time the steps of a model on made-up rows",
    details: """
      Compiles the spec for each batch size and runs steps on made-up rows, so that nothing but the \
      step is timed: after a warm-up the median, the 10th and the 90th percentile. GFLOP/s counts \
      what is executed; useful is the arithmetic of the products of the model as it is written, \
      without fusion. The peak is measured: fused multiply-adds in registers on as many threads. \
      Data files are read only where a vocabulary has to be learned from them.
      """,
    operands: [.init(name: "SPEC", help: "the spec file; - is standard input")],
    options: [
      batch, predict, seconds, fresh, profile, mpi, CompileCommand.disable, .threads, .set, .json,
      .quiet,
    ],
    examples: [
      .init(line: "mtlc bench benchmarks/mmoe-dense.json5", comment: "four batch sizes"),
      .init(
        line: "mtlc bench spec.json5 --batch 1 --predict --threads 1", comment: "latency of a row"),
      .init(
        line: "mtlc bench spec.json5 --disable fuse_experts", comment: "what a pass is worth"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard arguments.has(mpi) else { return try run(arguments, nil) }
    return try WorkerProcess.run { try run(arguments, $0) }
  }

  private static func run(_ arguments: Arguments, _ workers: Workers?) throws -> ExitCode {
    var request = BenchRequest()
    request.batches = try arguments[batch].map(batches)
    request.seconds = Double(try arguments.integer(seconds, in: 1...3600) ?? 2)
    request.program = arguments.has(predict) ? .predict : .train
    request.refreshesRows = arguments.has(fresh)
    request.profiles = arguments.has(profile)
    request.disabled = Set(arguments.all(CompileCommand.disable))
    try request.check()
    var experiment = try arguments.experiment(arguments.operands[0])
    experiment.workers = workers
    let isFirst = workers?.isFirst ?? true
    let report = try experiment.bench(
      request, observer: isFirst ? TerminalObserver(arguments) : .silent)
    guard isFirst else { return .success }
    if arguments.has(.json) {
      try Terminal.result(StepText.json(report).text)
      return .success
    }
    try Terminal.result(StepText.text(report))
    for (step, profile) in zip(report.steps, report.profiles) {
      try Terminal.result(
        "\nbatch \(step.rows), each instruction on one thread:\n"
          + ProfileReport.text(profile, peak: report.corePeak))
    }
    return .success
  }

  private static func batches(_ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let size = Int(part), (1...10_000_000).contains(size) else {
        throw ExperimentError(.argument, "--batch \(text): expected batch sizes such as 32,256")
      }
      return size
    }
  }
}
