import Plan
import TensorTypes
import Testing

/// The sample plan with its one-hot gradient turned into a step of the weight.
@Suite struct OneHotUpdateTests {
  private func plan(_ change: (inout OneHotLinearInstruction) -> Void = { _ in }) throws -> Plan {
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

  private func finding(_ change: (inout OneHotLinearInstruction) -> Void) throws -> String {
    let found = PlanValidator(try plan(change)).findings().map(\.description)
    return found.first { $0.contains("one-hot gradient") } ?? "valid"
  }

  @Test(arguments: OneHotLinearInstruction.UpdatedRows.allCases)
  func itReadsBack(rows: OneHotLinearInstruction.UpdatedRows) throws {
    let plan = try plan {
      $0.updatedRows = rows
      $0.part = 2
    }
    #expect(PlanValidator(plan).findings().map(\.description) == [])
    #expect(
      try Plan(decoding: plan.encoded()).programs[0].instructions
        == plan.programs[0].instructions)
  }

  @Test func whatDoesNotFitIsFound() throws {
    #expect(try finding { _ in } == "valid")
    #expect(try finding { $0.part = 3 }.contains("part 3 of 2"))
    #expect(try finding { $0.part = -1 }.contains("part -1 of 2"))
    #expect(try finding { $0.updateL2 = -1 }.contains("L2"))
    #expect(try finding { $0.features[0].rowCount = 4 }.contains("missing"))
    #expect(
      try finding {
        $0.updateL2 = nil
        $0.weight.buffer = BufferID(4)
        $0.updatedRows = .absent
      }.contains("some rows"))
  }

  /// A part steps some features' rows, and touches no other rows.
  @Test func aPartTouchesItsRowsAlone() throws {
    func update(_ change: (inout OneHotLinearInstruction) -> Void) throws -> OneHotLinearInstruction
    {
      let plan = try plan(change)
      return try #require(
        plan.programs[0].instructions.compactMap { instruction -> OneHotLinearInstruction? in
          if case .oneHotGradient(let update) = instruction { return update }
          return nil
        }.first)
    }
    func part(_ rows: [(Int, Int)], _ part: Int) throws -> OneHotLinearInstruction {
      try update { update in
        let ids = update.features[0].ids
        update.features = rows.map { .init(ids: ids, rowOffset: $0.0, rowCount: $0.1) }
        update.part = part
      }
    }
    let gaps = try part([(0, 1), (1, 1), (3, 2)], 1)
    #expect(gaps.isSteppable && !gaps.coversWeight)
    #expect(gaps.weightRows.map { $0.extents[0] } == [.fixed(2), .fixed(2)])
    let stride = gaps.weight.strides[0]
    #expect(gaps.weightRows.map { $0.offset - gaps.weight.offset } == [0, 3 * stride])
    let rest = try part([(2, 1)], 2)
    for a in gaps.weightRows {
      for b in rest.weightRows { #expect(!a.mayOverlap(b, rows: 4)) }
    }
    // Without other parts nobody would step the rest, and no row is stepped twice.
    #expect(!(try part([(0, 1), (3, 2)], 0).isSteppable))
    #expect(!(try part([(0, 2), (1, 2)], 1).isSteppable))
    #expect(!(try part([(3, 2), (0, 1)], 1).isSteppable))
    #expect(try part([(0, 2), (2, 3)], 0).isSteppable)
    #expect(try part([(0, 2), (2, 3)], 0).weightRows == [gaps.weight])
  }

  @Test func absentRowsDoNotWaitForTheGradient() throws {
    func reads(_ rows: OneHotLinearInstruction.UpdatedRows) throws -> [View] {
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
      #expect(abs(update.expectedRows(rows: 32) - 2) < 1e-6)
      update.features[0].rowCount = 1_000_000
      #expect(abs(update.expectedRows(rows: 32) - 32) < 1e-2)
      #expect(update.expectedRows(rows: 0) == 0)
    }
  }
}
