import Plan
import Schema

/// A place in a training run: epochs completed, the rows already used of the one that runs, what early
/// stopping has seen, and what was reported.
package struct TrainingPosition: Sendable, Hashable {
  package var epoch: Int
  package var row: Int
  /// Nil without early stopping.
  var watch: WatchProgress?
  /// Nil without an average of the weights, or before its first step or epoch.
  var average: AverageProgress?
  /// The epochs and evaluations so far.
  package var report = TrainingReport(epochs: [], isStopped: false)
  /// Of the steps since the last report; nil right after one.
  package var sums: LossSums?

  package init(epoch: Int = 0, row: Int = 0) {
    self.epoch = epoch
    self.row = row
  }

  /// Where the run of a checkpoint left off.
  package init(_ progress: TrainingProgress) {
    self.init(epoch: progress.epoch, row: progress.rowInEpoch)
    watch = progress.watch
    average = progress.average
    report = progress.report
    sums = progress.sums
  }

  package static let start = TrainingPosition()
}
