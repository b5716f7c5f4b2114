import Experiments
import Testing

/// What `check` finds, and what it refuses.
@Suite struct CheckTests {
  /// An experiment on rows of `x`, `noise` and the tasks.
  private func experiment(
    _ bench: Bench, _ rows: [String], tasks: String, model: String = "type: \"shared_bottom\""
  ) throws -> Experiment {
    _ = try bench.write(rows.joined(separator: "\n"), to: "rows.csv")
    return try Experiment(
      contentsOf: bench.write(
        """
        { data: { train: "rows.csv" },
          features: [{ columns: ["x", "noise"], type: "numeric" }],
          tasks: [\(tasks)], model: { \(model) } }
        """, to: "spec.json5"))
  }

  /// A feature that falls as the label rises gives it away as one that rises with it.
  @Test(arguments: [1, -1]) func leakageInBothDirections(sign: Int) throws {
    let rows = (0..<400).map { "\(sign * ($0 % 2) * 5),\($0 * 37 % 101),\($0 % 2)" }
    let findings = try experiment(
      Bench(), ["x,noise,y"] + rows, tasks: "{ name: \"y\" }"
    ).check()
    #expect(findings.map(\.kind) == [.leakage])
    #expect(findings.first?.subject == "x")
  }

  /// Only rows whose two labels are there can contradict the order.
  @Test func orderOfAFunnel() throws {
    let rows = (0..<300).map { row -> String in
      let (click, buy) = (row % 3 == 0, row % 6 == 0)
      // Row 30 buys without a click; row 36 buys, and nobody knows whether it clicked.
      let first = row == 30 ? "0" : row == 36 ? "" : click ? "1" : "0"
      return "\(row * 7 % 50),\(row * 37 % 101),\(first),\(buy ? 1 : 0)"
    }
    let findings = try experiment(
      Bench(), ["x,noise,click,buy"] + rows, tasks: "{ name: \"click\" }, { name: \"buy\" }",
      model: "type: \"esmm\", funnel: [\"click\", \"buy\"]"
    ).check().filter { $0.kind == .funnelOrder }
    #expect(findings.count == 1)
    #expect(findings.first?.subject == "buy")
    #expect(findings.first?.message.contains("1 of 49 rows") == true)
  }

  @Test func constantAndEmptyColumns() throws {
    let rows = (0..<100).map { ",7,\($0 % 2)" }
    let findings = try experiment(
      Bench(), ["x,noise,y"] + rows, tasks: "{ name: \"y\" }"
    ).check()
    #expect(findings.map(\.kind) == [.noValues, .constant])
  }

  @Test func refusesWhatDoesNotFitMemory() throws {
    let error = try #require(throws: ExperimentError.self) {
      try Bench().experiment(
        overrides: [
          "features[0].hash_bucket_size": "1000000000", "features[0].embedding_dim": "4096",
        ]
      ).check()
    }
    #expect(error.kind == .memory)
    #expect(error.message.contains("city"))
  }

  @Test func refusesLabelsThatTeachNothing() throws {
    let rows = (0..<100).map { "\($0),\($0),1" }
    let error = try #require(throws: ExperimentError.self) {
      try experiment(Bench(), ["x,noise,y"] + rows, tasks: "{ name: \"y\" }").check()
    }
    #expect(error.kind == .data && error.message.contains("every row has a positive label"))
  }
}
