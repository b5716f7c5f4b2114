import Experiments
import Schema

/// `mtlc init`.
enum InitCommand: Command {
  static let label = OptionSpec(
    "--label", .repeated("COLUMN"), "a column to predict (may be repeated)")
  static let test = OptionSpec("--test", .value("FILE"), "test rows in the same form")
  static let columns = OptionSpec(
    "--columns", .value("NAME,…"), "the names of the columns, where the file has no header")
  static let delimiter = OptionSpec(
    "--delimiter", .value("TEXT"), "what stands between fields, where the first lines do not tell")
  static let rows = OptionSpec("--rows", .value("N"), "look at the first N rows (default 50000)")
  static let output = OptionSpec.output("SPEC", "where to write; a file that is there is kept")

  static let spec = CommandSpec(
    name: "init", summary: "draft a spec by a look at a table",
    details: """
      Finds delimiter, header, words for missing values, and what each column holds; leaves out columns \
      that are constant, name a row or give a label away, each with the reason; takes labels of which each \
      needs the one before for a funnel. The result has comments and is meant to be read and changed.
      """,
    operands: [.init(name: "TABLE", help: "the file of the training rows")],
    options: [label, output, test, columns, delimiter, rows, .quiet],
    examples: [
      .init(
        line: "mtlc init rows.csv --label click --label purchase -o spec.json5",
        comment: "then: mtlc train spec.json5"),
      .init(
        line: "mtlc init rows.data --columns age,job,income --label income",
        comment: "a file without a header, to standard output"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    var request = DraftRequest(table: arguments.operands[0], labels: arguments.all(label))
    request.test = arguments[test]
    request.columns = arguments[columns].map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    request.delimiter = arguments[delimiter].map { $0 == "\\t" ? "\t" : $0 }
    request.rows = try arguments.integer(rows, in: 1...Int(Int32.max)) ?? request.rows
    let path = arguments[output] ?? "-"
    if path != "-" {
      try OutputFolder.requireAbsent(path)
      try OutputFolder.requireWritable(path)
      request.folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/")
    }
    let observer = TerminalObserver(arguments)
    let draft = try SpecDraft(request, observer: observer)
    try OutputFolder.write(draft.text, to: path)
    if path != "-" {
      let count = draft.leftOut.count
      observer.note(
        "wrote \(path)"
          + (count > 0 ? "; \(Format.count(count, "column")) left out, the reasons are in it" : ""))
    }
    return .success
  }
}
