import Foundation
import Plan
import Runtime

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

  var episodes: Int
  var loss: Mean
  var accuracy: Mean?

  init(
    _ plan: Plan, _ outputs: [[String: [Float]]], labels: (_ episode: Int) -> [[Float]]
  ) throws {
    episodes = outputs.count
    func mean(_ name: String) -> Mean? {
      let values = outputs.compactMap { $0[name]?.first.map(Double.init) }
      return values.count == outputs.count && !values.isEmpty ? Mean(values) : nil
    }
    loss = mean("loss") ?? Mean([])
    accuracy = mean("accuracy")
  }

  var line: String {
    var parts: [String] = []
    if let accuracy { parts.append("test accuracy \(accuracy.text)") }
    parts.append("query loss \(loss.text)")
    return parts.joined(separator: "  ") + " over \(Format.count(episodes)) episodes"
  }

  var json: JSON {
    var members: [(String, JSON)] = [
      ("episodes", .integer(episodes)), ("loss", .number(loss.value)),
      ("loss_margin", .number(loss.margin)),
    ]
    if let accuracy {
      members += [
        ("accuracy", .number(accuracy.value)), ("accuracy_margin", .number(accuracy.margin)),
      ]
    }
    return .object(members)
  }
}
