import Plan

/// Which features' rows of a one-hot weight are whose, where two threads share the weight.
///
/// Both threads sum their features' rows in the forward product. Then the first one works through
/// the chain of small levels between the product and its gradient, and the second one steps rows of
/// its own that the batch lacks meanwhile. In the last level the first one steps all its rows and
/// what else there is to step, the second one what it has not stepped yet. So features with many rows
/// that the batch lacks are the second thread's, as many as there is time for.
///
/// Only sizes count: ids are taken to be equally frequent, so that the shares are known before any
/// data are.
package struct OneHotShares {
  package enum Share: Sendable, Hashable, CaseIterable {
    /// The first thread's.
    case first
    /// The second thread's, rows that the batch lacks beside the chain.
    case early
    /// The second thread's, all rows in the last level.
    case late
  }

  // What a step costs, by the time that it takes to step one row of the weight that has no gradient
  // (about 50 ns for 144 columns; measured on two cores of a Sapphire Rapids server).

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
