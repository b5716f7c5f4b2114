/// How a training run went, as curves.
public struct TrainingHistory: Sendable, Hashable {
  public struct Series: Sendable, Hashable {
    public var name: String
    /// By epoch (of episodes: by step) the value.
    public var points: [CurvePoint]

    public init(_ name: String, _ points: [CurvePoint]) {
      self.name = name
      self.points = points
    }
  }

  /// What `x` counts: `epoch` or `meta step`.
  public var unit: String
  /// The whole training loss, then that of each task.
  public var losses: [Series]
  /// What the weighting of the tasks made of each task's weight; empty where they stayed as they were.
  public var taskWeights: [Series]
  /// By pair of tasks the cosine of the angle between the gradients of their losses by the parameters that
  /// they share; empty where nobody measured it.
  public var conflicts: [Series] = []
  /// Of each metric that was measured in between, a series for each task.
  public var validation: [Validation]
  /// The epoch (of episodes: the step) whose parameters early stopping kept.
  public var best: Int?

  /// One metric on the validation rows.
  public struct Validation: Sendable, Hashable {
    public var metric: Metric
    public var series: [Series]

    public init(metric: Metric, series: [Series]) {
      self.metric = metric
      self.series = series
    }
  }

  public init(
    unit: String, losses: [Series], taskWeights: [Series], validation: [Validation], best: Int?
  ) {
    self.unit = unit
    self.losses = losses
    self.taskWeights = taskWeights
    self.validation = validation
    self.best = best
  }
}

extension TrainingHistory {
  /// - Parameter tasks: Parallel to the tasks' losses.
  public init(_ report: TrainingReport, tasks: [String], isOfEpisodes: Bool) {
    func x(_ epoch: EpochReport) -> Double { Double(isOfEpisodes ? epoch.step : epoch.epoch) }
    func series(
      _ name: String, _ value: (EpochReport) -> Double?
    ) -> Series? {
      let points = report.epochs.compactMap { epoch in
        value(epoch).map { CurvePoint(x(epoch), $0) }
      }
      return points.isEmpty ? nil : Series(name, points)
    }
    func perTask(_ values: KeyPath<EpochReport, [Double?]>) -> [Series] {
      tasks.enumerated().compactMap { place, task in
        series(task) { epoch in
          let list = epoch[keyPath: values]
          return place < list.count ? list[place] : nil
        }
      }
    }
    let whole = series("whole loss") { $0.loss }
    let own = perTask(\.taskLosses)
    let weights = perTask(\.taskWeights)
    let isChanging = weights.contains { series in
      series.points.contains { $0.y != series.points[0].y }
    }
    self.init(
      unit: isOfEpisodes ? "meta step" : "epoch",
      losses: (whole.map { [$0] } ?? []) + (own.count > 1 ? own : []),
      taskWeights: isChanging ? weights : [],
      validation: Self.validation(report, isOfEpisodes: isOfEpisodes), best: report.best?.epoch)
    conflicts = Self.conflicts(report)
  }

  /// A series for each pair of tasks, in the order in which they were measured first.
  package static func conflicts(_ report: TrainingReport) -> [Series] {
    var series: [Series] = []
    for moment in report.conflicts {
      for pair in moment.pairs {
        let point = CurvePoint(Double(moment.epoch), pair.cosine)
        if let place = series.firstIndex(where: { $0.name == pair.name }) {
          series[place].points.append(point)
        } else {
          series.append(Series(pair.name, [point]))
        }
      }
    }
    return series
  }

  /// The metrics that tell a good model from a bad one and were measured more than once.
  private static func validation(
    _ report: TrainingReport, isOfEpisodes: Bool
  ) -> [Validation] {
    let measured: [(x: Double, tasks: [TaskMetrics])] =
      isOfEpisodes
      ? report.evaluations.map { (Double($0.step), $0.report.tasks) }
      : report.epochs.compactMap { epoch in
        epoch.validation.map { (Double(epoch.epoch), $0.tasks) }
      }
    guard measured.count > 1, let last = measured.last else { return [] }
    return Metric.allCases.filter { $0.better != nil }.compactMap { metric in
      let series = last.tasks.compactMap { task -> Series? in
        let points = measured.compactMap { entry in
          entry.tasks.first { $0.task == task.task }?[metric]?.value
            .map { CurvePoint(entry.x, $0) }
        }
        return points.count > 1 ? Series(task.task, points) : nil
      }
      return series.isEmpty ? nil : Validation(metric: metric, series: series)
    }
  }
}
