import Data
import Schema

/// What the statistics of the columns give away.
struct StatisticsCheck {
  private let training: DataStatistics
  private let test: DataStatistics?
  private let schema: DataSchema

  init(_ training: DataStatistics, _ test: DataStatistics?, _ schema: DataSchema) {
    self.training = training
    self.test = test
    self.schema = schema
  }

  /// Share of test values that may be unknown, and by how much base rates may differ.
  private static let unknownLimit = 0.2
  private static let rateLimit = 1.5

  var findings: [Finding] {
    training.features.indices.flatMap(featureFindings)
      + training.labels.indices.compactMap(rateFinding)
  }

  private func featureFindings(_ index: Int) -> [Finding] {
    let feature = training.features[index]
    var found: [Finding] = []
    func note(_ kind: Finding.Kind, _ message: String) {
      found.append(
        Finding(
          kind: kind, subject: feature.name, message: "feature \(feature.name)\(message)"))
    }
    if feature.cutRows > 0, case .sequence(_, let layout) = schema.features[index].encoder {
      note(
        .cutRows,
        ": \(Format.count(feature.cutRows)) of \(Format.count(training.rows))"
          + " rows hold more than max_length \(layout.maxLength) ids (up to"
          + " \(Format.count(feature.longest))); the \(layout.keep.rawValue) ones are kept")
    }
    if feature.missingShare == 1 { note(.noValues, " has no value at all") }
    if let low = feature.minimum, low == feature.maximum {
      note(.constant, " has the value \(low) in every row")
    }
    if feature.distinct == 1 { note(.constant, " has one value only") }
    if let test, test.features.indices.contains(index) {
      let share = test.features[index].outOfVocabularyShare
      if share > Self.unknownLimit {
        note(
          .unknownInTest,
          ": \(Format.percent(share)) of the test values are not in the training data")
      }
    }
    return found
  }

  private func rateFinding(_ index: Int) -> Finding? {
    let label = training.labels[index]
    switch schema.labels[index].kind {
    case .binary, .positives: break
    case .number, .classes: return nil
    }
    guard let rate = label.mean, let test, test.labels.indices.contains(index),
      let other = test.labels[index].mean,
      other == 0 || max(rate / other, other / rate) > Self.rateLimit
    else { return nil }
    return Finding(
      kind: .baseRate, subject: label.task,
      message: "task \(label.task): base rate \(Format.fixed(rate, 4)) in the training rows,"
        + " \(Format.fixed(other, 4)) in the test rows")
  }
}
