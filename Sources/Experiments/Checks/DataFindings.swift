import Data
import ModelDefs
import Schema

/// Finds in the rows of a spec what is possible but seldom meant.
struct DataFindings {
  let spec: Spec
  let training: FittedData
  /// Test rows with their statistics.
  var test: (dataset: Dataset, statistics: DataStatistics)?

  /// - Parameter mostRows: How many rows are looked at for leaks, spread evenly over all; nil for all.
  func all(mostRows: Int? = nil) -> [Finding] {
    Leakage(training, mostRows: mostRows).findings
      + funnel(training.dataset, test == nil ? "" : "training rows: ")
      + (test.map { funnel($0.dataset, "test rows: ") } ?? [])
      + LabelFindings(spec, training).findings
      + GroupFindings(spec: spec, training: training).findings
      + StatisticsCheck(training.statistics, test?.statistics, training.schema).findings
      + (encoding.map { [$0] } ?? [])
  }

  /// The first training file that seems to be in another encoding than is declared: its ids would not
  /// be those of files that are read right.
  private var encoding: Finding? {
    let declared = training.schema.format.encoding
    for path in spec.files.train {
      guard let other = DeclaredEncoding.likelier(than: declared, in: path) else { continue }
      return Finding(
        kind: .encoding, subject: path,
        message: "\(MessageText.printable(path)) seems to be \(other.rawValue), and is read as"
          + " \(declared.rawValue); if that is so, set data.encoding: \"\(other.rawValue)\"")
    }
    return nil
  }

  private func funnel(_ dataset: Dataset, _ set: String) -> [Finding] {
    FunnelOrder(dataset, training.schema, steps: spec.funnelSteps).findings(set)
  }
}
