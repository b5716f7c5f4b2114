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

  /// The last batch of an epoch may be short, and is none when the rows are used up.
  @Test(arguments: [(rows: 511, steps: 2), (512, 2), (513, 3)])
  func stepsOfAnEpoch(_ given: (rows: Int, steps: Int)) throws {
    let rows = (0..<given.rows).map { "\($0 * 31 % 97),\($0 * 37 % 101),\($0 % 2)" }
    let report = try experiment(
      Bench(), ["x,noise,y"] + rows, tasks: "{ name: \"y\" }"
    ).checkReport()
    #expect(report.stepsPerEpoch == given.steps)
  }

  /// Two columns leave no rank below a full matrix.
  @Test(arguments: [(rank: "2", found: true), ("1", false)])
  func rankOfCrossLayers(_ given: (rank: String, found: Bool)) throws {
    let rows = (0..<40).map { "\($0 * 31 % 97),\($0 * 37 % 101),\($0 % 2)" }
    let findings = try experiment(
      Bench(), ["x,noise,y"] + rows, tasks: "{ name: \"y\" }",
      model: """
        type: "shared_bottom", interaction: { type: "dcn_v2", rank: \(given.rank) }
        """
    ).check()
    #expect(findings.contains { $0.kind == .interactionRank } == given.found, "\(findings)")
  }

  /// An id is judged by the rates of its rows, where it has enough of them: 20 on average.
  @Test(arguments: [(rows: 400, ids: 8, found: true), (400, 25, false)])
  func leakageByIds(_ given: (rows: Int, ids: Int, found: Bool)) throws {
    let bench = try Bench()
    // The second id gives the label away; the first is noise with as many values.
    let rows = (0..<given.rows).map { row in
      let label = row * 7 % 5 == 0 ? 1 : 0
      let id = label == 1 ? row * 3 % 2 : 2 + row * 11 % (given.ids - 2)
      return "\(row * 37 % given.ids),\(id),\(label)"
    }
    _ = try bench.write((["n,id,y"] + rows).joined(separator: "\n"), to: "rows.csv")
    let findings = try Experiment(
      contentsOf: bench.write(
        """
        { data: { train: "rows.csv" },
          features: [{ columns: ["n", "id"], type: "id", embedding_dim: 2 }],
          tasks: [{ name: "y" }], model: { type: "shared_bottom" } }
        """, to: "spec.json5")
    ).check().filter { $0.kind == .leakage }
    #expect(findings.map(\.subject) == (given.found ? ["id"] : []))
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
    // Three values of a hundred are enough, one is not.
    let some = ["2,6,1", "3,8,0", "4,9,1"]
    let one = Array(some.suffix(1))
    for (values, kinds) in [(some, []), (one, [Finding.Kind.fewValues, .constant])] {
      let found = try experiment(
        Bench(), ["x,noise,y"] + rows.dropLast(values.count) + values, tasks: "{ name: \"y\" }"
      ).check()
      #expect(found.map(\.kind) == kinds, "\(found)")
    }
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
