import Experiments

/// `mtlc inspect`.
enum InspectCommand: Command {
  static let listing = OptionSpec("--listing", .flag, "also list buffers and instructions")
  static let specText = OptionSpec(
    "--spec", .flag, "print the spec that the plan was compiled from")

  static let profile = OptionSpec(
    "--profile", .flag, "run each program on made-up rows and show where the time goes")

  static let spec = CommandSpec(
    name: "inspect", summary: "show what a plan holds: tasks, features, components, programs, cost",
    operands: [.init(name: "PLAN", help: "a plan file; - is standard input")],
    options: [listing, specText, profile, .json],
    examples: [
      .init(line: "mtlc inspect plan.bin", comment: "an overview"),
      .init(line: "mtlc inspect plan.bin --listing", comment: "every instruction"),
      .init(line: "mtlc inspect plan.bin --profile", comment: "where a step's time goes"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if arguments.has(profile) { try arguments.allow((profile.name, [profile, .json])) }
    if arguments.has(specText) { try arguments.allow((specText.name, [specText])) }
    if arguments.has(listing) { try arguments.allow((listing.name, [listing])) }
    let plan = try CompiledPlan(contentsOf: arguments.operands[0])
    let isJSON = arguments.has(.json)
    if arguments.has(profile) {
      let profiles = try plan.profile()
      try Terminal.result(
        isJSON ? ProfileReport.json(profiles).text : ProfileReport.text(profiles))
    } else if arguments.has(specText) {
      try Terminal.result(plan.specText)
    } else if isJSON {
      try Terminal.result(OverviewText.json(plan).text)
    } else {
      try Terminal.result(OverviewText.text(plan))
      if arguments.has(listing) { try Terminal.result("\n" + plan.listing) }
    }
    return .success
  }
}
