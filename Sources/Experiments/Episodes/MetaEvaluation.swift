import Data
import Foundation
import ModelDefs
import Plan
import Runtime
import Schema

/// How well a model adapts to tasks that training did not see.
package struct MetaEvaluation {
  /// A mean over episodes with its 95 % confidence interval.
  package struct Mean {
    package var value: Double
    /// 1.96 standard errors; 0 for a single episode.
    package var margin: Double

    init(_ values: [Double]) {
      let count = Double(max(1, values.count))
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      value = mean
      margin = values.count > 1 ? 1.96 * (squares / (count - 1) / count).squareRoot() : 0
    }
  }

  /// A task of rows, over the query rows of all episodes.
  package struct Task {
    package var name: String
    package var isBinary: Bool
    package var rows: Int
    /// AUC, or the root of the mean squared error.
    package var before: Double?
    package var after: Double?
  }

  package var episodes: Int
  package var loss: Mean
  package var lossBefore: Mean?
  package var accuracy: Mean?
  package var tasks: [Task] = []

  init(
    _ plan: Plan, _ outputs: [[String: [Float]]], labels: (_ episode: Int) -> [[Float]]
  ) throws {
    episodes = outputs.count
    func mean(_ name: String) -> Mean? {
      let values = outputs.compactMap { $0[name]?.first.map(Double.init) }
      return values.count == outputs.count && !values.isEmpty ? Mean(values) : nil
    }
    loss = mean(EpisodeName.loss) ?? Mean([])
    lossBefore = mean(EpisodeName.lossBefore)
    accuracy = mean(EpisodeName.accuracy)
    let truth = outputs.indices.map(labels)
    for (column, task) in plan.tasks.enumerated() {
      let expected = truth.flatMap { $0.indices.contains(column) ? $0[column] : [] }
      func score(_ name: String) -> Double? {
        let predicted = outputs.flatMap { $0[EpisodeName.prediction(name)] ?? [] }
        guard predicted.count == expected.count, !expected.isEmpty else { return nil }
        if task.kind == .binary {
          return AreaUnderCurve.compute(predictions: predicted, labels: expected).value
        }
        let squares = zip(predicted, expected).reduce(0.0) {
          $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
        return (squares / Double(expected.count)).squareRoot()
      }
      tasks.append(
        Task(
          name: task.name, isBinary: task.kind == .binary, rows: expected.count,
          before: score("before.\(task.name)"), after: score(task.name)))
    }
  }
}
