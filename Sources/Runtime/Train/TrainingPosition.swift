import Plan

/// A place in a training run: epochs completed, the rows already used of the one that runs, and what
/// early stopping has seen.
package struct TrainingPosition: Sendable, Hashable {
  package var epoch: Int
  package var row: Int
  /// Nil without early stopping.
  var watch: WatchProgress?

  package init(epoch: Int = 0, row: Int = 0) {
    self.epoch = epoch
    self.row = row
  }

  /// Where the run of a checkpoint left off.
  package init(_ progress: TrainingProgress) {
    self.init(epoch: progress.epoch, row: progress.rowInEpoch)
    watch = progress.watch
  }

  package static let start = TrainingPosition()
}
