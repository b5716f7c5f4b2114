import Data
import Schema

/// Finds in the statistics of the columns what is possible but seldom meant.
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
  /// Findings of one kind about more features than this are one line.
  private static let mostAlone = 3

  var findings: [Finding] {
    unmatched(training, "training") + (test.map { unmatched($0, "test") } ?? [])
      + constants + training.features.indices.flatMap(featureFindings)
      + training.labels.indices.compactMap(rateFinding)
  }

  /// Keys of rows that joined tables do not hold.
  private func unmatched(_ statistics: DataStatistics, _ set: String) -> [Finding] {
    statistics.joins.compactMap { join in
      guard join.unmatched > 0 else { return nil }
      return Finding(kind: .unmatchedKeys, subject: join.column, message: join.text(set))
    }
  }

  /// Features whose value never changes, many of one kind in one finding.
  private var constants: [Finding] {
    func findings(
      _ kind: Finding.Kind, _ text: String, _ holds: (FeatureStatistics) -> Bool
    ) -> [Finding] {
      let names = training.features.filter(holds).map(\.name)
      if names.count > Self.mostAlone {
        return [
          Finding(
            kind: kind, subject: names[0],
            message: "\(Format.count(names.count)) features have \(text): \(Finding.names(names))")
        ]
      }
      return names.map { Finding(kind: kind, subject: $0, message: "feature \($0) has \(text)") }
    }
    func isConstant(_ feature: FeatureStatistics) -> Bool {
      feature.distinct == 1 || (feature.minimum != nil && feature.minimum == feature.maximum)
    }
    return findings(.noValues, "no value at all") { $0.missingShare == 1 }
      + findings(.fewValues, "a value in fewer than 2 % of the rows") {
        $0.missingShare > 0.98 && $0.missingShare < 1
      } + findings(.constant, "one value only", isConstant)
  }

  private func featureFindings(_ index: Int) -> [Finding] {
    let feature = training.features[index]
    var found: [Finding] = []
    func note(_ kind: Finding.Kind, _ message: String) {
      found.append(
        Finding(
          kind: kind, subject: feature.name, message: "feature \(feature.name)\(message)"))
    }
    if let cells = feature.sequence, case .sequence(_, let layout) = schema.features[index].encoder
    {
      noteSequence(cells, layout, missing: feature.missing, note)
    }
    noteIds(feature, schema.features[index], note)
    if !feature.undeclaredMissing.isEmpty {
      note(
        .missingMarkers,
        ": \(Finding.counts(feature.undeclaredMissing)) are words as any other;"
          + " \(Finding.declare(feature.undeclaredMissing, schema.format))")
    }
    if let low = feature.minimum, let high = feature.maximum, let mean = feature.mean,
      let deviation = feature.deviation,
      case .numeric(let normalizer) = schema.features[index].encoder, normalizer.curve == nil
    {
      let range = ": its values go from \(Format.plain(low)) to \(Format.plain(high))"
      if Self.isOutlier(
        low, high, mean, deviation, count: feature.values - feature.missing)
      {
        note(
          .outlier,
          "\(range) with a mean of \(Format.plain(mean)): beside the extreme ones all others are nearly"
            + " the same; correct them, declare them missing, or use normalizer: \"log\" or \"quantile\""
        )
      } else if normalizer.isIdentity, max(low.magnitude, high.magnitude) > Self.mostUnscaled {
        note(.outlier, "\(range) and are not scaled; use normalizer: \"zscore\" or \"log\"")
      }
    }
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

  private func noteIds(
    _ feature: FeatureStatistics, _ schema: FeatureSchema,
    _ note: (Finding.Kind, String) -> Void
  ) {
    let share = feature.outOfVocabularyShare
    guard share > 0 else { return }
    let text = ": \(Format.percent(share)) of the training values"
    switch schema.encoder {
    case .id(.identity(let count)), .sequence(.identity(let count), _):
      note(
        .unknownInTraining,
        "\(text) are outside 0…\(count - 1) and share the row for unknown ids; is num_ids"
          + " \(count) too small?")
    case .id(.vocabulary), .sequence(.vocabulary, _):
      if feature.distinct != nil, share > 0.5 {
        note(
          .unknownInTraining,
          "\(text) are rarer than min_frequency and share the row for unknown ids")
      } else if feature.distinct == nil, share > Self.unknownLimit {
        note(.unknownInTraining, "\(text) are not in its vocabulary")
      }
    case .id(.hash), .sequence(.hash, _), .numeric, .bucketized, .cross, .vector: break
    }
  }

  private func noteSequence(
    _ cells: SequenceStatistics, _ layout: SequenceLayout, missing: Int,
    _ note: (Finding.Kind, String) -> Void
  ) {
    let filled = cells.cells - missing
    let separator = "\"\(MessageText.printable(bytes: [layout.separator]))\""
    if cells.cut > 0 {
      note(
        .cutRows,
        ": \(Format.count(cells.cut)) of \(Format.count(cells.cells))"
          + " rows hold more than max_length \(layout.maxLength) ids (up to"
          + " \(Format.count(cells.longest))); the \(layout.keep.rawValue) ones are kept")
    }
    let maps = cells.separators.first { $0.text == SequenceStatistics.mapPair }?.count ?? 0
    let areMaps = filled > 0 && 2 * maps > filled
    if areMaps {
      let mark = MessageText.printable(bytes: [SequenceStatistics.mapSeparator])
      note(
        .separator,
        ": its items hold \"\(mark)\" between a key and a value, as Hive writes maps, and are words"
          + " with both in them; write key:value, which weighted: true reads as a weight, or the keys"
          + " alone")
    } else if filled >= Self.fewestCells, cells.longest == 1 {
      let other = cells.separators.first { 10 * $0.count > filled }
      note(
        .separator,
        ": no cell holds the separator \(separator), so that each is one id"
          + (other.map {
            "; \(Format.count($0.count)) of \(Format.count(filled)) hold"
              + " \"\(MessageText.printable($0.text))\": is that the separator?"
          } ?? ""))
    }
    if 2 * cells.bracketed > filled {
      note(
        .separator,
        ": the lists are written in brackets, which become part of the first and last ids; write"
          + " them without")
    }
    if filled >= Self.fewestCells, !layout.weighted, 10 * cells.pairs >= 9 * filled {
      note(
        .unreadWeights,
        ": its items read id:weight, which are taken as words; set weighted: true to read weights")
    }
    if filled >= Self.fewestCells, layout.weighted, layout.weightsColumn == nil, cells.pairs == 0,
      !areMaps
    {
      note(
        .unreadWeights,
        ": no first item reads id:weight although it is weighted, so that each item weighs 1")
    }
    if cells.negative > 0 {
      note(
        .weights,
        ": \(Format.count(cells.negative)) of \(Format.count(filled)) rows hold negative weights"
          + (cells.cancelling > 0
            ? ", in \(Format.count(cells.cancelling)) of them the weights cancel each other" : "")
          + "; weights are meant to be at least 0")
    }
  }

  /// The fewest cells for a finding about lists without separators.
  private static let fewestCells = 20
  /// The largest numbers that a model may be fed unscaled without a finding.
  private static let mostUnscaled = 1e4

  /// Whether a column has outliers: one or two numbers that make up most of the variance, or numbers
  /// beyond all counts and times.
  static func isOutlier(
    _ low: Double, _ high: Double, _ mean: Double, _ deviation: Double, count: Int
  ) -> Bool {
    let most = max(low.magnitude, high.magnitude)
    let distance = max(high - mean, mean - low) / deviation
    guard count >= 20, most >= 1e6, distance.isFinite else { return most >= 1e20 && low < high }
    return most >= 1e20 || 2 * distance * distance > Double(count)
      || (most >= 1e12 && distance > 20)
  }

  private func rateFinding(_ index: Int) -> Finding? {
    let label = training.labels[index]
    switch schema.labels[index].kind {
    case .binary, .positives, .soft: break
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

extension Normalizer {
  /// Whether numbers stay as they are.
  fileprivate var isIdentity: Bool { !logarithm && offset == 0 && scale == 1 }
}
