import Experiments
import Testing

/// Gradients of tasks that point exactly against each other leave, projected, nothing but rounding.
@Suite struct OpposedGradientTests {
  /// Steps of one row, in which what both tasks share gets multiples of one gradient.
  @Test(arguments: [7, 22, 23, 26, 31]) func modesAgree(seed: Int) throws {
    let bench = try Bench()
    let rows = (0..<60).map { row in
      let click = row % 3 == 0 ? 0 : 1
      return "v\(row * 7 % 19),\(click),\(click == 1 && row % 4 == 0 ? 1 : 0)"
    }
    _ = try bench.write("f0,t0,t1\n" + rows.joined(separator: "\n") + "\n", to: "train.csv")
    let experiment = try Experiment(
      contentsOf: bench.write(
        """
        { data: { train: "train.csv" },
          features: [{ name: "f0", type: "id", encoding: "one_hot" }],
          tasks: [{ name: "t0", output_bias: "zero" }, { name: "t1", output_bias: "zero" }],
          model: { type: "funnel_v3", tower_hidden_units: [1], alpha: 0.859,
            activation: "leaky_relu" },
          training: { batch_size: 1, seed: \(seed), task_weighting: "pcgrad" } }
        """, to: "spec.json5"))
    #expect(try experiment.compare(steps: 1).agrees)
  }
}
