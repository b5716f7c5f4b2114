import Plan
import TensorTypes
import TestSupport
import Testing

/// The sample plan with its one-hot gradient turned into a step of the weight.
@Suite struct OneHotUpdateTests {
  private func plan(_ change: (inout OneHotGradientInstruction) -> Void = { _ in }) throws -> Plan {
    var plan = SamplePlan.plan()
    let index = try #require(
      plan.programs[0].instructions.firstIndex {
        if case .oneHotGradient = $0 { true } else { false }
      })
    guard case .oneHotGradient(var update) = plan.programs[0].instructions[index] else {
      return plan
    }
    // The parameters, where the features' rows cover the weight from its first to its last row.
    update.weight.buffer = BufferID(3)
    update.features[0].rowOffset = 0
    update.features[0].rowCount = 5
    update.bias = nil
    update.updateL2 = 0.5
    change(&update)
    plan.programs[0].instructions[index] = .oneHotGradient(update)
    return plan
  }

  private func finding(_ change: (inout OneHotGradientInstruction) -> Void) throws -> String {
    let found = PlanValidator(try plan(change)).findings().map(\.description)
    return found.first { $0.contains("rows_update: ") || $0.contains("one_hot_") } ?? "valid"
  }

  @Test(arguments: OneHotGradientInstruction.UpdatedRows.allCases)
  func itReadsBack(rows: OneHotGradientInstruction.UpdatedRows) throws {
    let plan = try plan { $0.updatedRows = rows }
    #expect(PlanValidator(plan).findings().map(\.description) == [])
    #expect(
      try Plan(decoding: plan.encoded()).programs[0].instructions
        == plan.programs[0].instructions)
  }

  @Test func whatDoesNotFitIsFound() throws {
    #expect(try finding { _ in } == "valid")
    #expect(try finding { $0.updateL2 = -1 }.contains("L2"))
    #expect(try finding { $0.features.append($0.features[0]) }.contains("shared"))
    #expect(
      try finding {
        $0.updateL2 = nil
        $0.weight.buffer = BufferID(4)
        $0.updatedRows = .absent
      }.contains("some rows"))
  }

  /// A part steps some features' rows, and touches no other rows.
  @Test func aPartTouchesItsRowsAlone() throws {
    func update(_ change: (inout OneHotGradientInstruction) -> Void) throws
      -> OneHotGradientInstruction
    {
      let plan = try plan(change)
      return try #require(
        plan.programs[0].instructions.compactMap { instruction -> OneHotGradientInstruction? in
          if case .oneHotGradient(let update) = instruction { return update }
          return nil
        }.first)
    }
    func part(_ rows: [(Int, Int)]) throws -> OneHotGradientInstruction {
      try update { update in
        let ids = update.features[0].ids
        update.features = rows.map { .init(ids: ids, rowOffset: $0.0, rowCount: $0.1) }
      }
    }
    let gaps = try part([(0, 1), (1, 1), (3, 2)])
    #expect(gaps.isSteppable(rows: 4) && !gaps.features.covers(gaps.weight))
    let rows = gaps.features.rows(of: gaps.weight)
    #expect(rows.map { $0.extents[0] } == [.fixed(2), .fixed(2)])
    let stride = gaps.weight.strides[0]
    #expect(rows.map { $0.offset - gaps.weight.offset } == [0, 3 * stride])
    let rest = try part([(2, 1)])
    for a in rows {
      for b in rest.features.rows(of: rest.weight) { #expect(!a.mayOverlap(b, rows: 4)) }
    }
    // No row is stepped twice.
    #expect(!(try part([(0, 2), (1, 2)]).isSteppable(rows: 4)))
    #expect(!(try part([(3, 2), (0, 1)]).isSteppable(rows: 4)))
    let whole = try part([(0, 2), (2, 3)])
    #expect(whole.isSteppable(rows: 4) && whole.features.covers(whole.weight))
    #expect(whole.features.rows(of: whole.weight) == [gaps.weight])
  }

  @Test func absentRowsDoNotWaitForTheGradient() throws {
    func reads(_ rows: OneHotGradientInstruction.UpdatedRows) throws -> [View] {
      let plan = try plan { $0.updatedRows = rows }
      return plan.programs[0].instructions.flatMap { instruction -> [View] in
        if case .oneHotGradient(let update) = instruction {
          #expect(instruction.reads.contains(update.matrix) == (rows != .absent))
        }
        if case .oneHotGradient = instruction { return instruction.reads }
        return []
      }
    }
    #expect(try reads(.present).count == reads(.absent).count + 1)
  }

  /// Rows expected in a batch: all of few, and about as many as the batch has of many.
  @Test func expectedRows() throws {
    let plan = try plan()
    for case .oneHotGradient(var update) in plan.programs[0].instructions {
      update.features[0].rowCount = 2
      #expect(abs(update.features[0].expectedRows(rows: 32) - 2) < 1e-6)
      update.features[0].rowCount = 1_000_000
      #expect(abs(update.features[0].expectedRows(rows: 32) - 32) < 1e-2)
      #expect(update.features[0].expectedRows(rows: 0) == 0)
    }
  }

  /// Names, details and costs of the gradient and of each kind of step.
  @Test func eachKindSaysWhatItIs() throws {
    func text(_ change: (inout OneHotGradientInstruction) -> Void) throws -> [String] {
      let plan = try plan(change)
      return plan.programs[0].instructions.compactMap { instruction -> String? in
        guard case .oneHotGradient(let update) = instruction else { return nil }
        let cost = instruction.cost(rows: 3)
        let operands = instruction.operands.map { "\($0.use.name) \($0.access)" }
        return "\(instruction.text) \(cost.flops) \(cost.elements)"
          + " \(operands.joined(separator: ", ")) \(update.updatedRows)"
      }
    }
    let found = try [
      text { $0.updateL2 = nil }, text { $0.updatedRows = .all },
      text { ($0.updatedRows, $0.updateL2) = (.present, 0) }, text { $0.updatedRows = .absent },
    ].flatMap { $0 }
    let difference = try GoldenText.difference(
      found.joined(separator: "\n") + "\n", from: "Golden/text/one-hot-steps.txt")
    #expect(difference == nil)
  }
}
