import Experiments
import Foundation
import TestSupport
import Testing

/// What small trainings come to under each option: losses, metrics and learning rates of every epoch, as
/// they were when somebody last looked at them. Both modes share the order of rows, schedules and
/// metrics, so that a fault there shows in no comparison of the two.
@Suite struct TrainedNumbersTests {
  /// Keys of the spec below that are set, and what to.
  private static let options: [[String: String]] =
    [
      "optimizer={ type: 'sgd', learning_rate: 0.1 }",
      "optimizer={ type: 'sgd', learning_rate: 0.05, momentum: 0.9 }",
      "optimizer={ type: 'adam', learning_rate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 0.001 }",
      "optimizer={ type: 'adamw', learning_rate: 0.01, weight_decay: 0.2 }",
      "optimizer={ type: 'adagrad', learning_rate: 0.05, initial_accumulator: 0.2 }",
      "optimizer={ type: 'lion', learning_rate: 0.003 }",
      "learning_rate_schedule={ type: 'step', factor: 0.3, period_steps: 7 }",
      "learning_rate_schedule={ type: 'step', factor: 0.5, period_epochs: 2 }",
      "learning_rate_schedule={ type: 'exponential', factor: 0.8, period_steps: 3 }",
      "learning_rate_schedule={ type: 'cosine', final_factor: 0.1 }",
      "learning_rate_schedule={ type: 'cosine', warmup_steps: 5 }",
      "l2=0.02", "embedding_l2=0.05", "gradient_clip_value=0.01", "gradient_clip_norm=0.1",
      "task_weighting=uncertainty", "task_weighting=dwa", "task_weighting=gradnorm",
      "task_weighting=pcgrad", "batch_size=37", "micro_batches=4", "seed=9", "epochs=4",
      "sparse_optimizer={ type: 'lazy_adam' }", "sparse_optimizer={ type: 'ftrl', l1: 0.001 }",
      "sparse_optimizer={ type: 'rowwise_adagrad', learning_rate: 0.05 }",
      "weight_averaging={ type: 'ema', decay: 0.9 }", "weight_averaging={ type: 'swa' }",
      "shuffle=false",
    ].map { text in
      let place = text.firstIndex(of: "=") ?? text.endIndex
      return ["training.\(text[..<place])": String(text[place...].dropFirst())]
    }
    + [
      [:], ["data.validation_fraction": "0.25"],
      [
        "data.validation_fraction": "0.25", "training.epochs": "5",
        "training.early_stopping": "{ metric: 'log_loss', patience: 1 }",
      ],
      ["data.sample_weight": "discount"], ["data.group_by": "city"],
      ["model.dropout": "0.3"], ["model.batch_norm": "true"], ["model.layer_norm": "true"],
      ["tasks": "[{ name: 'click', loss: 'focal' }, { name: 'purchase', weight: 3 }]"],
      ["tasks": "[{ name: 'click', negative_sampling_rate: 0.5 }, { name: 'purchase' }]"],
      ["tasks": "[{ name: 'age', loss: 'mse' }, { name: 'discount', loss: 'huber' }]"],
      ["model": "{ type: 'esmm', tower_hidden_units: [6] }"],
      ["model": "{ type: 'aitm', tower_hidden_units: [6, 4] }"],
    ]

  /// A number of a text, or what stands between numbers.
  private enum Part: Equatable {
    case number(Double)
    case text(Substring)
  }

  private static func parts(_ text: String) -> [Part] {
    var parts: [Part] = []
    var rest = text[...]
    while let match = rest.firstMatch(of: /-?\d+(?:\.\d+)?(?:e-?\d+)?/) {
      parts.append(.text(rest[..<match.range.lowerBound]))
      parts.append(.number(Double(match.output) ?? .nan))
      rest = rest[match.range.upperBound...]
    }
    return parts + [.text(rest)]
  }

  /// Processors differ in the last bits of sums.
  private static func isNear(_ a: Part, _ b: Part) -> Bool {
    guard case .number(let x) = a, case .number(let y) = b else { return a == b }
    return abs(x - y) <= 5e-4 + 1e-3 * abs(y)
  }

  private func text(_ options: [String: String], _ bench: Bench) throws -> String {
    let keys = options.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
    do {
      let experiment = try Experiment(
        contentsOf: "\(bench.path)/spec.json5", overrides: options)
      let run = try experiment.train()
      let numbers = run.metricsFile.text.replacing(/-?\d+\.\d+(?:e-?\d+)?/) { match in
        Double(match.output).map { String(format: "%.5g", $0) } ?? "?"
      }
      let lines = numbers.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      return "\(keys.joined(separator: " "))\n\(lines.joined(separator: " "))"
    } catch {
      return "\(keys.joined(separator: " "))\n\(error)"
        .replacingOccurrences(of: bench.path, with: "…")
    }
  }

  /// `MTLC_UPDATE_GOLDEN=1` writes the file anew.
  @Test func numbersAreAsBefore() throws {
    let bench = try Bench()
    try bench.sample(rows: 200)
    _ = try bench.write(Bench.spec, to: "spec.json5")
    let text = try Self.options.map { try self.text($0, bench) }.joined(separator: "\n") + "\n"
    let difference = try GoldenText.difference(text, from: "Golden/text/trained-numbers.txt") {
      let (a, b) = (Self.parts(String($0)), Self.parts(String($1)))
      return a.count == b.count && zip(a, b).allSatisfy(Self.isNear)
    }
    #expect(difference == nil)
  }
}
