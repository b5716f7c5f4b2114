import Experiments

extension Arguments {
  /// `--threads`.
  func threads() throws -> Int? { try integer(.threads, in: 1...1024) }

  /// Whether `--on-error` says to skip damaged records.
  func skipsDamagedRecords() throws -> Bool { try choice(.onError, OnError.self) == .skip }

  private enum OnError: String, CaseIterable { case stop, skip }

  /// The experiment of a spec file, with `--set`, `--threads` and `--on-error`.
  func experiment(_ path: String, overrides: [String] = []) throws -> Experiment {
    var experiment = try Experiment(contentsOf: path, assignments: all(.set) + overrides)
    experiment.threads = try threads()
    experiment.skipsDamagedRecords = try skipsDamagedRecords()
    return experiment
  }
}
