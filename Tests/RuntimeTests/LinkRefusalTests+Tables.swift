import Plan
import Runtime
import Schema
import Testing

/// Instructions that read or update rows of tables, and those of experts.
extension LinkRefusalTests {
  @Test func lookups() {
    func gather(
      _ change: (inout GatherInstruction.Feature, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome {
        var feature = GatherInstruction.Feature(
          table: $0.parameter("t", 7, 2), ids: $0.feed("ids", width: 3, integer: true),
          pooling: .concat, column: 1)
        change(&feature, &$0)
        return .gather(GatherInstruction(features: [feature], matrix: $0.value(width: 7)))
      }
    }
    #expect(gather() == "linked")
    #expect(gather { f, _ in f.column = 2 }.contains("feature 0: 6 columns from 2 of 7"))
    #expect(gather { f, _ in f.column = -1 }.contains("6 columns from -1 of 7"))
    #expect(gather { f, _ in f.ids.strides[1] = 2 }.contains("element"))
    #expect(
      gather { f, _ in
        f.ids.extents[1] = .fixed(1)
        f.ids.strides[1] = 2
      } == "linked")
    #expect(
      gather { f, _ in
        f.ids.extents[1] = .fixed(2)
        f.ids.strides[1] = 2
      }.contains("ids of a row are not neighbours"))
    #expect(
      gather { f, _ in
        f.ids.extents += [.fixed(1)]
        f.ids.strides += [1]
      }.contains("ids 0: rank 3"))
    #expect(
      gather { f, _ in
        f.ids.extents = []
        f.ids.strides = []
      }.contains("ids 0: rank 0"))
    #expect(gather { f, _ in f.ids.extents[0] = .fixed(6) }.contains("ids 0, rows: size 6"))
    #expect(gather { f, b in f.ids = b.feed("z", width: 3) }.contains("holds f32"))
    #expect(gather { f, _ in f.table.extents[0] = .batch(times: 1) }.contains("table 0: "))
    #expect(gather { f, _ in f.table.extents[0] = .fixed(0) }.contains("table 0: 0×2"))
    #expect(gather { f, _ in f.pooling = .sum } == "linked")
  }

  @Test func oneHotRows() {
    func linear(
      _ change: (inout OneHotLinearInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome {
        let ids = $0.feed("ids", width: 2, integer: true)
        var i = OneHotLinearInstruction(
          features: [
            .init(ids: cut(ids, 0..<1), rowOffset: 0, rowCount: 4),
            .init(ids: cut(ids, 1..<2), rowOffset: 4, rowCount: 5),
          ], weight: $0.parameter("w", 9, 3), bias: nil, matrix: $0.value(width: 3),
          accumulate: false)
        change(&i, &$0)
        return .oneHotLinear(i)
      }
    }
    #expect(linear() == "linked")
    #expect(linear { i, _ in i.features[1].rowOffset = 5 }.contains("feature 1: rows 5+5 of 9"))
    #expect(linear { i, _ in i.features[1].rowOffset = 10 }.contains("feature 1: rows 10+5 of 9"))
    #expect(linear { i, _ in i.features[0].rowOffset = -1 }.contains("feature 0: rows -1+4 of 9"))
    #expect(linear { i, _ in i.features[0].rowCount = 0 }.contains("feature 0: rows 0+0 of 9"))
    #expect(linear { i, _ in i.features = [] }.contains("no features"))
    #expect(
      linear { i, b in i.features[1].ids = b.feed("other", width: 1, integer: true) }.contains(
        "ids 1: not a column of the same matrix"))
    #expect(
      linear { i, _ in
        i.features[0].ids.extents[1] = .fixed(2)
      }.contains("ids 0: not a column of the same matrix"))
    #expect(linear { i, b in i.matrix = b.value(width: 2) }.contains("weight, columns: size 3"))
    #expect(linear { i, b in i.bias = b.fixed(2) }.contains("bias: 1×2, expected 3"))
    #expect(
      linear { i, _ in i.activationColumns = 2..<4 }.contains("activation columns 2..<4 of 3"))
    #expect(linear { i, _ in i.activationColumns = 2..<3 } == "linked")
    let depth = outcome(.predict) {
      .oneHot(
        OneHotInstruction(
          ids: $0.feed("ids", width: 2, integer: true), output: $0.value(width: 4)))
    }
    #expect(depth.contains("ids of length 2, depth 4"))
  }

  @Test func mixtures() {
    func mixture(
      _ change: (inout MixtureInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome(.predict) {
        let gates: [MixtureLayout.Gate] = [
          .init(experts: [2, 0], logitColumn: 3, column: 4),
          .init(experts: [0, 1, 2], logitColumn: 0, column: 0),
        ]
        var i = MixtureInstruction(
          layout: MixtureLayout(width: 4, expertColumns: [0, 4, 8], gates: gates),
          experts: $0.feed("experts", width: 12), logits: $0.feed("logits", width: 5),
          weights: $0.value(width: 5), output: $0.value(width: 8))
        change(&i, &$0)
        return .mixture(i)
      }
    }
    #expect(mixture() == "linked")
    #expect(mixture { i, _ in i.layout.width = 0 }.contains("experts 0 wide"))
    #expect(
      mixture { i, _ in i.layout.expertColumns[1] = 9 }.contains("expert 1: 4 columns from 9 of 12")
    )
    #expect(
      mixture { i, _ in i.layout.expertColumns[1] = -1 }.contains("expert 1: 4 columns from -1"))
    #expect(
      mixture { i, _ in i.layout.gates[0].experts = [0, 3] }.contains("gate 0: experts [0, 3]"))
    #expect(mixture { i, _ in i.layout.gates[0].experts = [0, 0] }.contains("gate 0: experts"))
    #expect(mixture { i, _ in i.layout.gates[0].experts = [] }.contains("gate 0: experts []"))
    #expect(
      mixture { i, _ in i.layout.gates[0].logitColumn = 4 }.contains(
        "gate 0: logits from column 4 of 5"))
    #expect(
      mixture { i, _ in i.layout.gates[1].column = 5 }.contains(
        "gate 1: results from column 5 of 8"))
    #expect(
      mixture { i, b in i.weights = b.value(width: 4) }.contains("4 columns for 5 gate weights"))
    #expect(mixture { i, b in i.logits = b.fixed(6, 5) }.contains("logits, rows"))
    #expect(mixture { i, b in i.experts = b.fixed(6, 12) }.contains("experts, rows"))
    #expect(mixture { i, b in i.weights = b.fixed(6, 5) }.contains("weights, rows"))
  }

  @Test func tablesUpdatedByRows() {
    func update(
      _ change: (inout SparseUpdateInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      let rows = SparseOptimizer(kind: .sgd, tables: ["t"])
      return outcome(optimizer: Optimizer(kind: .sgd, sparse: rows)) {
        var i = SparseUpdateInstruction(
          table: $0.parameter("t", 7, 2), l2: 0,
          sources: [
            .init(
              ids: $0.feed("ids", width: 3, integer: true), pooling: .concat,
              matrix: $0.feed("g", width: 6))
          ])
        change(&i, &$0)
        return .sparseUpdate(i)
      }
    }
    #expect(update() == "linked")
    #expect(update { i, _ in i.sources = [] }.contains("0 sources"))
    #expect(
      update { i, _ in i.sources[0].pooling = .sum }.contains("source 0: 6 columns, 2 expected"))
    #expect(update { i, b in i.sources[0].matrix = b.fixed(6, 6) }.contains("ids 0, rows"))
    #expect(
      update { i, b in
        i.sources[0] = .init(ids: nil, pooling: .concat, matrix: b.fixed(6, 2))
      }.contains("source 0: 6 rows for a table of 7"))
    #expect(update { i, _ in i.table.extents[0] = .fixed(0) }.contains("table: 0×2"))
    #expect(update { i, _ in i.table.extents[0] = .batch(times: 1) }.contains("table: B×2"))
  }
}
