import Experiments
import Schema

/// `mtlc help`.
enum HelpCommand: Command {
  static let spec = CommandSpec(
    name: "help", summary: "explain a command, the keys of a spec, or the exit codes",
    operands: [
      .init(
        name: "TOPIC",
        help:
          "a command, \"spec\", a part of the spec such as \"spec model.mmoe\", or \"exit-codes\"",
        isOptional: true),
      .init(name: "PART", help: "with \"spec\": the part", isOptional: true),
    ],
    examples: [
      .init(line: "mtlc help train", comment: "options and examples of a command"),
      .init(line: "mtlc help spec training", comment: "the keys under training, with defaults"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    switch arguments.operands.first {
    case nil: try Terminal.result(Tool.overview)
    case "exit-codes": try Terminal.result(ExitCode.table)
    case "spec":
      guard arguments.operands.count > 1 else {
        try Terminal.result(Experiment.SpecReference.text)
        break
      }
      let part = arguments.operands[1]
      guard let text = Experiment.SpecReference.text(topic: part) else {
        let topics = Experiment.SpecReference.topics
        throw ExperimentError(
          .argument, "the spec has no part \"\(part)\"",
          hint: NearestName.nearest(part, in: topics).map { "did you mean \($0)?" }
            ?? "its parts: \(topics.joined(separator: ", "))")
      }
      try Terminal.result(text)
    case let name?: try Terminal.result(try Tool.command(named: name).spec.help)
    }
    return .success
  }
}
