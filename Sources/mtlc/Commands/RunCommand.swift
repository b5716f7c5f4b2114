import Data
import Foundation
import Plan
import Runtime

/// `mtlc run`.
enum RunCommand: Command {
  static let predict = OptionSpec(
    "--predict", .value("ROWS"), "predict for the rows of a file; - is standard input")
  static let evaluate = OptionSpec(
    "--eval", .repeated("ROWS"), "show the metrics on labelled rows (may be repeated)")
  static let keep = OptionSpec(
    "--keep", .value("COLUMN,…"), "with --predict: columns to copy to the output")
  static let output = OptionSpec.output(
    "FILE", "the trained plan, or with --predict the predictions; - is standard output")

  static let spec = CommandSpec(
    name: "run", summary: "train a plan, or evaluate or predict with a trained one",
    details: """
      Without --eval and --predict: trains from the plan's seed on the files named in its spec, \
      evaluates, and writes the trained plan to FILE. A trained plan holds all it needs: it predicts \
      and evaluates anywhere.
      """,
    operands: [.init(name: "PLAN", help: "a plan file; - is standard input")],
    options: [output, predict, keep, evaluate, .onError, .threads, .json, .quiet],
    examples: [
      .init(line: "mtlc run plan.bin -o trained.bin", comment: "train as compiled"),
      .init(
        line: "mtlc run trained.bin --predict rows.csv -o out.csv --keep user_id",
        comment: "a row out for each row in, a column for each task"),
      .init(
        line: "cat rows.csv | mtlc run trained.bin --predict - > out.csv",
        comment: "as part of a pipe"),
      .init(line: "mtlc run trained.bin --eval test.csv", comment: "metrics on other rows"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let threads = try arguments.integer(.threads, in: 1...1024)
    let log = Log(arguments)
    if arguments.has(predict), arguments.has(evaluate) {
      throw UsageError(message: "--predict and --eval go one at a time", hint: nil)
    }
    if arguments.has(keep), !arguments.has(predict) {
      throw UsageError(message: "--keep goes with --predict", hint: nil)
    }
    if arguments.operands[0] == "-",
      arguments[predict] == "-" || arguments.all(evaluate).contains("-")
    {
      throw UsageError(message: "standard input cannot be both plan and rows", hint: nil)
    }
    if let rows = arguments[predict] {
      let path = arguments[output] ?? "-"
      try OutputFolder.requireWritable(path)
      let plan = try trainedPlan(arguments.operands[0])
      guard plan.episodes == nil else {
        throw ToolError(
          .plan, "a plan that learns from tasks predicts nothing without a task",
          hint: "--eval adapts to each task and scores its queries")
      }
      let columns = arguments[keep]?.split(separator: ",").map(String.init) ?? []
      try Prediction(plan: plan, threads: threads, log: log).run(rows, keep: columns, to: path)
      return .success
    }
    if arguments.has(evaluate) {
      let plan = try trainedPlan(arguments.operands[0])
      if plan.episodes != nil {
        try MetaCommands.evaluate(
          plan, files: arguments.all(evaluate), threads: threads, json: arguments.has(.json),
          log: log)
        return .success
      }
      let rows = try TrainingData.read(
        arguments.all(evaluate), plan.schema, "rows", RowReading(arguments))
      let engine = try StaticEngine(Session(plan: plan, threads: threads))
      let report = try Evaluator(
        engine: engine, batchSize: plan.training.evaluationBatchSize
      ).evaluate(rows)
      try Terminal.result(
        arguments.has(.json)
          ? MetricsReport.json(report, on: "given").text
          : MetricsReport.text(report, on: "given"))
      return .success
    }
    return try train(arguments, threads, log)
  }

  private static func train(_ arguments: Arguments, _ threads: Int?, _ log: Log) throws -> ExitCode
  {
    let path = arguments[output]
    if let path { try OutputFolder.requireWritable(path) }
    if path == "-", arguments.has(.json) {
      throw UsageError(message: "-o - leaves no room for --json", hint: nil)
    }
    let plan = try PlanFile.read(arguments.operands[0])
    if plan.episodes != nil {
      try MetaCommands.run(
        plan, threads: threads, output: path, json: arguments.has(.json), log: log)
      return .success
    }
    guard plan.program(.train) != nil else {
      throw ToolError(.plan, "the plan has no training program", hint: "it can predict only")
    }
    let data = try TrainingData(plan.training, schema: plan.schema, reading: RowReading(arguments))
    try data.requireLabels(for: plan)
    let trained = try TrainCommand.trainStatic(plan, data, threads, log)
    let summary = TrainingSummary(
      name: plan.name, mode: "static", seed: plan.training.seed, tasks: plan.tasks.map(\.name),
      outcome: trained.outcome)
    if let path {
      try PlanFile.write(try trained.plan(), to: path)
      log.note("wrote \(path)")
      if path == "-" { return .success }
    }
    try Terminal.result(arguments.has(.json) ? summary.json.text : summary.text)
    return .success
  }

  private static func trainedPlan(_ path: String) throws -> Plan {
    let plan = try PlanFile.read(path)
    guard plan.weights != nil else {
      throw ToolError(
        .plan, "\(path): the plan is compiled but not trained",
        hint: "mtlc run \(path) -o trained.bin trains it")
    }
    guard plan.program(.predict) != nil else {
      throw ToolError(.plan, "\(path): the plan has no prediction program")
    }
    return plan
  }
}
