import Data
import Experiments

extension MetaEvaluation.Mean {
  var text: String { "\(Format.fixed(value, 4)) ± \(Format.fixed(margin, 4))" }
}

extension MetaEvaluation {
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
