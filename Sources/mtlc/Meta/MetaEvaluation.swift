import Data
import Foundation
import ModelDefs
import Plan
import Runtime
import Schema

/// How well a model adapts to tasks that training did not see.
struct MetaEvaluation {
  /// A mean over episodes with its 95 % confidence interval.
  struct Mean {
    var value: Double
    /// 1.96 standard errors; 0 for a single episode.
    var margin: Double

    init(_ values: [Double]) {
      let count = Double(max(1, values.count))
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      value = mean
      margin = values.count > 1 ? 1.96 * (squares / (count - 1) / count).squareRoot() : 0
    }

    var text: String { "\(Format.fixed(value, 4)) ± \(Format.fixed(margin, 4))" }
  }

  /// A task of rows, over the query rows of all episodes.
  struct Task {
    var name: String
    var isBinary: Bool
    var rows: Int
    /// AUC, or the root of the mean squared error.
    var before: Double?
    var after: Double?
  }

  var episodes: Int
  var loss: Mean
  var lossBefore: Mean?
  var accuracy: Mean?
  var tasks: [Task] = []

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

  /// In one line, for progress.
  var line: String {
    var parts: [String] = []
    if let accuracy { parts.append("test accuracy \(accuracy.text)") }
    for task in tasks {
      guard let before = task.before, let after = task.after else { continue }
      parts.append(
        "\(task.name) \(task.isBinary ? "AUC" : "RMSE") \(Format.fixed(before, 4)) → "
          + Format.fixed(after, 4))
    }
    parts.append("query loss \(loss.text)")
    return parts.joined(separator: "  ") + " over \(Format.count(episodes)) episodes"
  }

  /// - Parameter best: The best possible AUC of the query rows where it is known.
  func text(best: BestAUC? = nil) -> String {
    guard !tasks.isEmpty else { return line }
    var text = "\(Format.count(episodes)) test groups"
    if let lossBefore {
      text += "; query loss \(lossBefore.text) before adaptation, \(loss.text) after"
    }
    let known = tasks.contains { $0.name == best?.task }
    var head = ["task", "query rows", "metric", "before adaptation", "after"]
    if known { head.append("best*") }
    var table = Table(head, left: [0, 2])
    for task in tasks {
      var row = [
        task.name, Format.count(task.rows), task.isBinary ? "AUC" : "RMSE",
        task.before.map { Format.fixed($0, 4) } ?? "n/a",
        task.after.map { Format.fixed($0, 4) } ?? "n/a",
      ]
      if known {
        row.append(best.map { $0.task == task.name ? Format.fixed($0.auc, 4) : "" } ?? "")
      }
      table.rows.append(row)
    }
    text += "\n\n" + table.text
    if known {
      text += "\n* the AUC of the true probabilities, which no model can beat but by chance\n"
    }
    return text
  }

  func json(best: BestAUC? = nil) -> JSON {
    var members: [(String, JSON)] = [
      ("episodes", .integer(episodes)), ("loss", .number(loss.value)),
      ("loss_margin", .number(loss.margin)),
    ]
    if let lossBefore { members.append(("loss_before", .number(lossBefore.value))) }
    if let accuracy {
      members += [
        ("accuracy", .number(accuracy.value)), ("accuracy_margin", .number(accuracy.margin)),
      ]
    }
    if !tasks.isEmpty {
      let entries = tasks.map { task in
        var values: [(String, JSON)] = [
          ("metric", .string(task.isBinary ? "auc" : "rmse")), ("rows", .integer(task.rows)),
          ("before", .optional(task.before)), ("after", .optional(task.after)),
        ]
        if let best, best.task == task.name { values.append(("best", .number(best.auc))) }
        return (task.name, JSON.object(values))
      }
      members.append(("tasks", .object(entries)))
    }
    return .object(members)
  }
}
