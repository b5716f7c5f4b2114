import Experiments
import Schema

/// `mtlc data`.
enum DataCommand: Command {
  enum Action: String, CaseIterable {
    case convert, stats, head, bench, synth

    var use: Arguments.Use {
      let ofSpec: [OptionSpec] = [.onError, .set, .json, .quiet]
      let options: [OptionSpec] =
        switch self {
        case .convert: [DataCommand.output] + ofSpec
        case .stats, .head: [DataCommand.rows] + ofSpec
        case .bench: [DataCommand.threads, DataCommand.repeats] + ofSpec
        case .synth: SampleCommand.spec.options
        }
      return ("data \(rawValue)", options)
    }
  }

  static let rows = OptionSpec(
    "--rows", .value("N"), "stats: look at the first N rows only; head: how many to show")
  static let threads = OptionSpec(
    "--threads", .value("N"), "bench: threads that read, instead of one and of all")
  static let repeats = OptionSpec(
    "--repeat", .value("N"), "bench: how often the files are read (default 9)")
  static let output = OptionSpec.output(
    "FOLDER", "convert: where the cache goes, instead of the spec's data.cache")

  static let spec = CommandSpec(
    name: "data", summary: "encode, describe or show the rows of a spec",
    details: """
      convert writes the encoded rows of all files of the spec into the folder of its data.cache, \
      from which later runs open them at once. A cache is used only while its files have the same \
      size and time, the data section reads the same and all checksums hold; otherwise it is built \
      again. stats shows what each column holds, with the share of test values that the training \
      rows do not know. synth writes sample data into a folder, as mtlc sample does. head shows \
      rows as a model reads them: numbers scaled, ids as numbers. bench times the reading of the \
      training files, text to encoded rows with all that is learned from them, and the opening of \
      a cache of them (in the folder for temporary files).
      """,
    operands: [
      .init(
        name: "ACTION", help: "convert, stats, head, bench or synth",
        choices: ["convert", "stats", "head", "bench", "synth"]),
      .init(name: "SPEC", help: "the spec file (- is standard input); of synth the folder"),
    ],
    options: [
      rows, output, threads, repeats, SampleCommand.kind, SampleCommand.testRows,
      SampleCommand.seed,
      SampleCommand.correlation, .onError, .set, .json, .quiet,
    ],
    examples: [
      .init(line: "mtlc data convert spec.json5 -o cache", comment: "read the text once"),
      .init(line: "mtlc data stats spec.json5", comment: "each column, train and test"),
      .init(
        line: "mtlc data synth big --like ali-ccp --rows 20000000",
        comment: "a log of Ali-CCP's size, with the best AUC of each task"),
      .init(line: "mtlc data head spec.json5 --rows 3", comment: "what a step sees"),
      .init(line: "mtlc data bench spec.json5", comment: "how fast the files are read"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let names = Action.allCases.map(\.rawValue)
    guard let action = Action(rawValue: arguments.operands[0]) else {
      throw ExperimentError(
        .argument, "data \(arguments.operands[0]): expected \(names.joined(separator: ", "))",
        hint: NearestName.nearest(arguments.operands[0], in: names).map { "did you mean \($0)?" })
    }
    try arguments.allow(action.use, others: Action.allCases.map(\.use))
    if action == .synth {
      return try SampleCommand.generate(arguments, folder: arguments.operands[1])
    }
    let limit = try arguments.integer(rows, in: 1...Int.max)
    let experiment = try arguments.experiment(arguments.operands[1])
    let terminal = TerminalObserver(arguments)
    let (text, json): (String, JSON)
    switch action {
    case .synth: return .success
    case .convert:
      let (folder, rows) = try experiment.convertRows(
        to: arguments[output], observer: terminal)
      text = Table(["rows of", ""], rows) { [$0.set, Format.count($0.count)] }.text
      json = ["folder": folder, "rows": JSON.object(rows) { ($0.set, .integer($0.count)) }]
    case .stats:
      let (training, test) = try experiment.statistics(rowLimit: limit, observer: terminal)
      text = StatisticsReport.text(training, test: test)
      json = StatisticsReport.json(training, test: test)
    case .head:
      let rows = try experiment.firstRows(limit ?? 10, observer: terminal)
      (text, json) = (RowText.text(rows), RowText.json(rows))
    case .bench:
      let times = try experiment.readingTimes(
        threads: try arguments.integer(threads, in: 1...1024),
        repeats: try arguments.integer(repeats, in: 1...10_000) ?? 9, observer: terminal)
      (text, json) = (ReadingTimesText.text(times), ReadingTimesText.json(times))
    }
    try Terminal.result(arguments.has(.json) ? json.text : text)
    return .success
  }
}
