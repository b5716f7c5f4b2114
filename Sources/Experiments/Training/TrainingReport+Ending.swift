import Schema

extension TrainingReport {
  /// What is to be said of a run with early stopping that came to its end; nil when there is nothing.
  ///
  /// - Parameter last: The epoch, or on episodes the step, that it would have ended with.
  func ending(_ settings: EarlyStopping?, last: Int) -> Event? {
    guard let settings, !isStopped else { return nil }
    let unit = evaluations.isEmpty ? "epoch" : "step"
    guard let best else {
      let reason = epochs.last?.validation?.tasks.lazy
        .filter { settings.parts.task ?? $0.task == $0.task }
        .compactMap { $0[settings.parts.metric]?.reason }.first
      return .warning(
        "early stopping: \(settings.metric) had no value in any evaluation"
          + (reason.map { " (\($0))" } ?? "")
          + ", so that no \(unit) was chosen; the parameters are those of the last one")
    }
    guard let place = evaluations.isEmpty ? epochs.last?.epoch : evaluations.last?.step,
      place < last
    else { return nil }
    return .note(
      "early stopping after \(unit) \(place) of \(last): \(settings.metric) did not improve on the"
        + " \(Format.fixed(best.value, 4)) of \(unit) \(best.epoch) within the patience of"
        + " \(Format.count(settings.patience, evaluations.isEmpty ? "epoch" : "evaluation"))")
  }
}
