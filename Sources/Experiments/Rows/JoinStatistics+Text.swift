import Schema

extension JoinStatistics {
  /// A warning of rows whose keys were not found.
  /// - Parameter set: which rows: `training`.
  package func text(_ set: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return "\(Format.count(unmatched)) of \(Format.count(rows)) \(set) rows"
      + " (\(Format.percent(unmatchedShare))) have a \(column) that \(name) does not hold: its columns are"
      + " missing there"
  }
}
