import Plan

/// Divides the features of a one-hot weight into two groups, so that two threads can each keep the
/// rows of one group in their caches.
///
/// Each group is a sum of its own in the forward product. Then one thread works through the chain of
/// small levels between the product and its gradient, while the other steps rows of the second group
/// that the batch lacks. In the last level the first thread steps its rows and the rest of the
/// parameters, the second thread what it has not stepped yet. So the second group has features with
/// many rows that the batch lacks, as many as the chain leaves time for.
///
/// The groups fix the order in which floats are added. They therefore go by sizes alone, never by
/// data, threads or the processor that compiles: ids are taken to be equally frequent, and work is
/// counted in rows that are stepped. The ratios below were fitted on two cores of a Sapphire Rapids
/// server; on another machine the groups are as right, and the threads' shares a little less even.
/// Which thread takes a group is decided when the plan is linked.
package struct OneHotShares {
  package enum Share: Sendable, Hashable, CaseIterable {
    /// Of the first group.
    case first
    /// Of the second group; rows that the batch lacks are stepped beside the chain.
    case early
    /// Of the second group; all rows are stepped in the last level.
    case late
  }

  // Work, where stepping one row that has no gradient is 1.

  /// A feature in the forward product, for each row of the batch.
  private static let lookup = 0.12
  /// A feature's share of the sums in the last level, for each row of the batch.
  private static let gradientSum = 0.14
  // These do not grow with the columns of this weight: in elements.
  /// The chain of small levels.
  private static let chain = 28_000.0
  /// What else the first thread has to do beside the forward product, and in the last level: columns
  /// that are numbers, the rest of the parameters.
  private static let elsewhereForward = 4_000.0
  private static let elsewhereLast = 4_000.0

  /// Of each feature.
  package let shares: [Share]

  package init(
    _ features: [OneHotLinearInstruction.Feature], columns: Int, capacity: Int
  ) {
    let features = features.map { feature in
      let rows = Double(feature.rowCount)
      return Load.Feature(rows: rows, present: min(rows, feature.expectedRows(rows: capacity)))
    }
    let width = Double(max(1, columns))
    var load = Load(
      lookup: Self.lookup * Double(capacity), gradientSum: Self.gradientSum * Double(capacity),
      chain: Self.chain / width, elsewhereForward: Self.elsewhereForward / width,
      elsewhereLast: Self.elsewhereLast / width)
    for feature in features { load.add(feature, .first) }
    var shares = features.map { _ in Share.first }
    // First those with the largest share of rows that the batch lacks, as far as there is time …
    let order = features.indices.sorted {
      let (a, b) = (features[$0].absentShare, features[$1].absentShare)
      return a == b ? $0 < $1 : a > b
    }
    for feature in order.dropLast() {
      var trial = load
      trial.move(features[feature], from: .first, to: .early)
      guard trial.hasTime, trial.time < load.time else { continue }
      load = trial
      shares[feature] = .early
    }
    // … then single ones, which even out what is left.
    for _ in 0..<2 * features.count {
      var better: (time: Double, feature: Int, share: Share)?
      for (index, feature) in features.enumerated() {
        for share in Share.allCases where share != shares[index] {
          var trial = load
          trial.move(feature, from: shares[index], to: share)
          if trial.isShared, trial.time < (better?.time ?? load.time * 0.999) {
            better = (trial.time, index, share)
          }
        }
      }
      guard let better else { break }
      load.move(features[better.feature], from: shares[better.feature], to: better.share)
      shares[better.feature] = better.share
    }
    self.shares = shares
  }
}

/// What the two threads have to do, in rows.
private struct Load {
  struct Feature {
    /// All its rows, and those that a batch has.
    var rows: Double
    var present: Double

    var absentShare: Double { (rows - present) / rows }
  }

  let lookup: Double
  let gradientSum: Double
  let chain: Double
  let elsewhereForward: Double
  let elsewhereLast: Double
  private var firstCount = 0.0
  private var firstRows = 0.0
  private var secondCount = 0.0
  private var earlyRows = 0.0
  private var secondRows = 0.0

  init(
    lookup: Double, gradientSum: Double, chain: Double, elsewhereForward: Double,
    elsewhereLast: Double
  ) {
    self.lookup = lookup
    self.gradientSum = gradientSum
    self.chain = chain
    self.elsewhereForward = elsewhereForward
    self.elsewhereLast = elsewhereLast
  }

  var isShared: Bool { firstCount > 0.5 && secondCount > 0.5 }

  /// Whether the second thread is done with its early rows when the chain is.
  var hasTime: Bool { earlyRows <= chain }

  /// Of the levels that are shared, with the chain between them.
  var time: Double {
    max(lookup * firstCount + elsewhereForward, lookup * secondCount)
      + max(chain, earlyRows)
      + max(
        firstRows + gradientSum * firstCount + elsewhereLast,
        secondRows + gradientSum * secondCount)
  }

  mutating func add(_ feature: Feature, _ share: OneHotShares.Share, times sign: Double = 1) {
    if share == .first {
      firstCount += sign
      firstRows += sign * feature.rows
    } else {
      let early = share == .early ? feature.rows - feature.present : 0
      secondCount += sign
      earlyRows += sign * early
      secondRows += sign * (feature.rows - early)
    }
  }

  mutating func move(
    _ feature: Feature, from old: OneHotShares.Share, to new: OneHotShares.Share
  ) {
    add(feature, old, times: -1)
    add(feature, new)
  }
}
