import Experiments
import Foundation
import Plan
import Testing

/// Weights of rows and sample spaces of a task, against rows that say the same without them: equal
/// plans, bit for bit.
@Suite struct RowWeightTests {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    // A column for each way to say which rows count for the purchase: those with a click.
    let head =
      "city,click,purchase,purchase_of_clicks,clicked,weight,half,twice,share,odd,percent"
    let rows = (0..<600).map { row in
      let click = row % 3 == 0 || row % 7 == 2
      let purchase = row % 5 == 0 || row % 11 == 3 ? 1 : 0
      let city = (row * 31) % 9
      return [
        "c\(city)", click ? "1" : "0", "\(purchase)", click ? "\(purchase)" : "",
        click ? "yes" : "no", click ? "1" : "0", click ? "1" : "0.5", "2", "\(purchase).0",
        row == 77 ? "-1" : "1", row == 77 ? "1.5" : "0.5",
      ].joined(separator: ",")
    }
    let text = ([head] + rows).joined(separator: "\n") + "\n"
    for name in ["train.csv", "test.csv"] { _ = try bench.write(text, to: name) }
  }

  private func train(
    _ tasks: String, sampleWeight: String? = nil, mode: Mode = .static
  ) throws -> Run {
    let weight = sampleWeight.map { ", sample_weight: \"\($0)\"" } ?? ""
    let path = try bench.write(
      """
      {
        data: { train: "train.csv", test: "test.csv"\(weight) },
        features: [{ name: "city", type: "id", embedding_dim: 4 }],
        tasks: [\(tasks)],
        model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
        training: { batch_size: 64, epochs: 2, optimizer: { type: "adam", learning_rate: 0.01 } },
      }
      """, to: "spec.json5")
    return try Experiment(contentsOf: path).train(mode)
  }

  private func expectSame(_ a: Run, _ b: Run) throws {
    let (first, second) = (try #require(a.plan.weights), try #require(b.plan.weights))
    #expect(first == second)
    for task in ["click", "purchase"] { #expect(a.metrics[task]?.auc == b.metrics[task]?.auc) }
  }

  @Test(arguments: Mode.allCases) func rowsOutsideOfTheSpaceHaveNoLabel(mode: Mode) throws {
    let empty = try train(
      "{ name: 'click' }, { name: 'purchase', label: 'purchase_of_clicks' }", mode: mode)
    let text = try train(
      "{ name: 'click' }, { name: 'purchase', where: { column: 'clicked', values: ['yes'] } }",
      mode: mode)
    let label = try train(
      "{ name: 'click' }, { name: 'purchase', where: { column: 'click', values: ['1'] } }",
      mode: mode)
    let weight = try train(
      "{ name: 'click' }, { name: 'purchase', weight_column: 'weight' }", mode: mode)
    for run in [text, label, weight] { try expectSame(empty, run) }
    #expect(text.metrics["purchase"]?.rows == (0..<600).count { $0 % 3 == 0 || $0 % 7 == 2 })
  }

  @Test func rowsOutsideMayWeighLess() throws {
    let weight = try train("{ name: 'click' }, { name: 'purchase', weight_column: 'half' }")
    let space = try train(
      "{ name: 'click' }, { name: 'purchase', where: { column: 'clicked', values: ['yes'],"
        + " outside_weight: 0.5 } }")
    try expectSame(weight, space)
    #expect(space.metrics["purchase"]?.rows == 600)
    let plain = try train("{ name: 'click' }, { name: 'purchase' }")
    #expect(try plain.plan.weights != space.plan.weights)
  }

  /// The weight of the only task is that of the row, and both are multiplied.
  @Test func weightsMultiply() throws {
    let own = try train("{ name: 'purchase', weight_column: 'half' }")
    let rows = try train("{ name: 'purchase' }", sampleWeight: "half")
    #expect(try own.plan.weights == rows.plan.weights)
    let both = try train("{ name: 'purchase', weight_column: 'half' }", sampleWeight: "twice")
    #expect(try own.plan.weights == both.plan.weights)
  }

  @Test func softLabelsOfZeroAndOneAreLabels() throws {
    let hard = try train("{ name: 'click' }, { name: 'purchase' }")
    let soft = try train(
      "{ name: 'click', soft: true }, { name: 'purchase', label: 'share', soft: true }")
    try expectSame(hard, soft)
  }

  @Test func refusesWhatIsNoWeightAndNoShare() throws {
    func message(_ tasks: String) throws -> String {
      try #require(throws: ExperimentError.self) { try train(tasks) }.description
    }
    let weight = try message("{ name: 'purchase', weight_column: 'odd' }")
    #expect(weight.contains("train.csv:79:"), "\(weight)")
    #expect(weight.contains("the weight of task \"purchase\" \"-1\" in column \"odd\""))
    let share = try message("{ name: 'p', label: 'percent', soft: true }")
    #expect(share.contains("the label \"1.5\" in column \"percent\" is not a number from 0 to 1"))
    let hint = try message("{ name: 'p', label: 'half' }")
    #expect(hint.contains("soft: true"), "\(hint)")
    let nobody = try message(
      "{ name: 'purchase', where: { column: 'clicked', values: ['oui'] } }")
    #expect(nobody.contains("no row has a label"))
    #expect(nobody.contains("outside of its \"where\""))
    let column = try message("{ name: 'purchase', where: { column: 'click_', values: ['1'] } }")
    #expect(column.contains("no column \"click_\""))
    #expect(column.contains("did you mean \"click\"?"))
    let own = try message("{ name: 'purchase', weight_column: 'purchase' }")
    #expect(own.contains("tasks[0].weight_column: is the label of the task \"purchase\""))
    let feature = try message("{ name: 'purchase', weight_column: 'city' }")
    #expect(feature.contains("is the weight of the task \"purchase\""), "\(feature)")
  }
}
