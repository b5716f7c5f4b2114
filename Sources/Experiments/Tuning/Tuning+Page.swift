import Report
import Schema

extension Tuning {
  /// The search as a page: the Pareto front, the course of the trials, and what each setting did.
  public var page: String {
    SearchReport(
      name: name, tasks: tasks.map { .init(name: $0.name, metric: $0.metric) },
      trainings: results.indices.map { place in
        let result = results[place]
        return .init(
          trial: result.trial, epochs: result.epochs,
          settings: result.settings.map { ($0.key, $0.value) },
          values: tasks.map { result[$0.name]?[$0.metric.name] }, score: scores[place],
          isOnFront: front.contains(place))
      }, best: best, measure: metric ?? "the mean rank over the tasks", measured: measured,
      specText: bestSpec
    ).html(version: ToolVersion.text)
  }
}
