import Experiments

extension Arguments {
  /// `--threads`.
  func threads() throws -> Int? { try integer(.threads, in: 1...1024) }

  /// Whether `--on-error` says to skip damaged records.
  func skipsDamagedRecords() throws -> Bool {
    try choice(.onError, OptionSpec.OnError.self) == .skip
  }

  /// The experiment of a spec file, with `--set`, `--threads` and `--on-error`.
  func experiment(_ path: String, overrides: [String] = []) throws -> Experiment {
    // What is wrong with the command line is said before a file is opened.
    let (threads, skipsDamage) = (try threads(), try skipsDamagedRecords())
    var experiment = try Experiment(contentsOf: path, assignments: all(.set) + overrides)
    experiment.threads = threads
    experiment.skipsDamagedRecords = skipsDamage
    return experiment
  }
}
