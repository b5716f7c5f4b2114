import Report
import Schema

extension Run {
  /// The version of `metrics.json`. It rises when a key changes its meaning or goes; keys may be added.
  package static let metricsVersion = 1

  /// What `train -o` writes as `metrics.json`: the same for equal runs. docs/looking-inside.md describes it.
  package var metricsFile: JSON {
    let isOfEpisodes = episodesPerStep != nil
    let head: JSON = [
      "version": Self.metricsVersion, "name": name, "mode": mode.rawValue, "seed": "\(seed)",
    ]
    let way = training.json(tasks: tasks, isOfEpisodes: isOfEpisodes, best: best)
    // Of episodes the last evaluation is one of those on the way.
    return head + way
      + (isOfEpisodes ? nil : ["evaluation": metrics.json(on: evaluatedOn.rawValue, best: best)])
  }
}
