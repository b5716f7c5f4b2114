import Schema

/// What TensorBoard is shown of a training run, as the records of an event file. Steps are epochs, or meta
/// steps of a model that learns from episodes.
package struct TensorBoardRecords {
  /// Parallel to the losses of tasks.
  private let tasks: [String]
  private let isOfEpisodes: Bool
  /// Whether readers were told where the run begins.
  private var isStarted = false

  package init(tasks: [String], isOfEpisodes: Bool) {
    self.tasks = tasks
    self.isOfEpisodes = isOfEpisodes
  }

  /// The head of a file: its version, and the spec of the run as a text.
  package func head(spec: String, time: Double) -> [UInt8] {
    TensorBoardEvent(time: time, step: 0, .fileVersion).record
      + TensorBoardEvent(
        time: time, step: 0, .summary([("spec", .text("```json\n\(spec)\n```"))])
      ).record
  }

  /// The step of an epoch's values.
  package func step(_ epoch: EpochReport) -> Int { isOfEpisodes ? epoch.step : epoch.epoch }

  /// Losses, weights of tasks, the learning rate and the metrics on the validation rows.
  package mutating func epoch(_ epoch: EpochReport, time: Double) -> [UInt8] {
    var values: [(String, Double?)] = [("loss", epoch.loss)]
    if tasks.count > 1 {
      values += zip(tasks, epoch.taskLosses).map { ("loss/\($0)", $1) }
      values += zip(tasks, epoch.taskWeights).map { ("task_weight/\($0)", $1) }
    }
    values += [("learning_rate", epoch.learningRate), ("training/accuracy", epoch.accuracy)]
    if let validation = epoch.validation { values += Self.metrics(validation, .validation) }
    return records(step(epoch), Self.scalars(values), time)
  }

  /// An evaluation between two steps or after the last one.
  package mutating func evaluation(
    _ report: EvaluationReport, on set: RowSet, step: Int, time: Double
  ) -> [UInt8] {
    records(step, Self.scalars(Self.metrics(report, set)), time)
  }

  /// Cosines of gradients, and how the weights of gates and the gradients lie.
  package mutating func moment(_ moment: TrainingMoment, time: Double) -> [UInt8] {
    let cosines = (moment.cosines?.pairs ?? []).map { ("cosine/\($0.name)", Optional($0.cosine)) }
    let histograms = [("gates", moment.gates), ("gradients", moment.gradients)].flatMap {
      kind, distributions in
      distributions.map { ("\(kind)/\($0.name)", TensorBoardEvent.Value.histogram($0.histogram)) }
    }
    return records(moment.epoch, Self.scalars(cosines) + histograms, time)
  }

  private mutating func records(
    _ step: Int, _ values: [(tag: String, value: TensorBoardEvent.Value)], _ time: Double
  ) -> [UInt8] {
    guard !values.isEmpty else { return [] }
    var bytes: [UInt8] = []
    if !isStarted {
      isStarted = true
      bytes = TensorBoardEvent(time: time, step: step, .start).record
    }
    return bytes + TensorBoardEvent(time: time, step: step, .summary(values)).record
  }

  /// Those that are numbers.
  private static func scalars(
    _ values: [(String, Double?)]
  ) -> [(tag: String, value: TensorBoardEvent.Value)] {
    values.compactMap { tag, value in
      value.flatMap { Float($0).isFinite ? (tag, .scalar($0)) : nil }
    }
  }

  private static func metrics(_ report: EvaluationReport, _ set: RowSet) -> [(String, Double?)] {
    func values(_ tasks: [TaskMetrics], _ group: String) -> [(String, Double?)] {
      tasks.flatMap { task in
        task.entries.map { ("\(group)/\($0.metric.name)/\(task.task)", $0.value.value) }
      }
    }
    var scalars = values(report.tasks, set.rawValue)
    if let episodes = report.episodes {
      scalars += values(episodes.before, "\(set.rawValue)_before_adapting")
      scalars += [
        ("\(set.rawValue)/query_loss", episodes.loss.value),
        ("\(set.rawValue)/accuracy", episodes.accuracy?.value),
      ]
    }
    return scalars
  }
}
