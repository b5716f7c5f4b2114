import Data
import Foundation
import ModelDefs
import Schema

/// `mtlc data`.
enum DataCommand: Command {
  enum Action: String, CaseIterable { case convert, stats, head, bench, synth }

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
      .init(name: "ACTION", help: "convert, stats, head, bench or synth"),
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
      throw UsageError(
        message: "data \(arguments.operands[0]): expected \(names.joined(separator: ", "))",
        hint: NearestName.nearest(arguments.operands[0], in: names).map { "did you mean \($0)?" })
    }
    if action == .synth {
      return try SampleCommand.generate(arguments, folder: arguments.operands[1])
    }
    let limit = try arguments.integer(rows, in: 1...Int.max)
    if action != .convert, arguments.has(output) {
      throw UsageError(message: "--output goes with data convert", hint: nil)
    }
    if action == .convert || action == .bench, limit != nil {
      throw UsageError(message: "--rows goes with data stats and data head", hint: nil)
    }
    if action != .bench, arguments.has(threads) || arguments.has(repeats) {
      throw UsageError(message: "--threads and --repeat go with data bench", hint: nil)
    }
    let workflow = try SpecWorkflow(arguments, path: arguments.operands[1])
    switch action {
    case .convert: try convert(workflow, arguments)
    case .synth: break
    case .stats: try stats(workflow, limit, arguments)
    case .bench: try bench(workflow, arguments)
    case .head:
      let fitted = try workflow.fit()
      let table = RowListing(fitted, rows: limit ?? 10)
      try Terminal.result(arguments.has(.json) ? table.json.text : table.text)
    }
    return .success
  }

  private static func convert(_ workflow: SpecWorkflow, _ arguments: Arguments) throws {
    guard let folder = arguments[output] ?? workflow.spec.files.cache else {
      throw UsageError(
        message: "data convert needs a folder",
        hint: "set data.cache in the spec, or give -o FOLDER")
    }
    try OutputFolder.make(folder)
    let reading = try RowReading(arguments, cache: folder, mustKeep: true)
    let fitted = try reading.fit(workflow.spec.dataDeclaration, workflow.spec.files.train)
    var counts = [("train", fitted.dataset.rowCount)]
    for (name, files) in [
      ("validation", workflow.spec.files.validation), ("test", workflow.spec.files.test),
    ] where !files.isEmpty {
      counts.append((name, try reading.rows(files, fitted.schema, "\(name) rows").dataset.rowCount))
    }
    if arguments.has(.json) {
      try Terminal.result(
        JSON.object([
          ("folder", .string(folder)),
          ("rows", .object(counts.map { ($0.0, .integer($0.1)) })),
        ]).text)
    } else {
      var table = Table(["rows of", ""])
      table.rows = counts.map { [$0.0, Format.count($0.1)] }
      try Terminal.result(table.text)
    }
  }

  private static func stats(
    _ workflow: SpecWorkflow, _ limit: Int?, _ arguments: Arguments
  ) throws {
    let fitted = try workflow.fit(rowLimit: limit)
    var test: DataStatistics?
    if !workflow.spec.files.test.isEmpty {
      test = try workflow.reading.rows(
        workflow.spec.files.test, fitted.schema, "test rows", rowLimit: limit
      ).statistics
    }
    let report = StatisticsReport(training: fitted.statistics, test: test)
    try Terminal.result(arguments.has(.json) ? report.json.text : report.text)
  }

  private static func bench(_ workflow: SpecWorkflow, _ arguments: Arguments) throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let counts = try arguments.integer(threads, in: 1...1024).map { [$0] }
    let times = try ReadingTimes(
      workflow.spec.dataDeclaration, workflow.spec.files.train,
      threads: counts ?? (cores > 1 ? [1, cores] : [1]),
      repeats: try arguments.integer(repeats, in: 1...10_000) ?? 9)
    try Terminal.result(arguments.has(.json) ? times.json.text : times.text)
  }
}
