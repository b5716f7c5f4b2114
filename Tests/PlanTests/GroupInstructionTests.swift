import Plan
import TensorTypes
import Testing

/// The sample plan with sums over groups of rows in place of two of its instructions.
@Suite struct GroupInstructionTests {
  private static let groups = SamplePlan.matrix(2, 2)

  static func plan(
    _ change: (inout GroupInstruction, inout GroupPairsInstruction) -> Void = { _, _ in }
  ) -> Plan {
    var group = GroupInstruction(
      kind: .max, input: SamplePlan.matrix(7, 2), groups: groups, output: SamplePlan.matrix(8, 2))
    var pairs = GroupPairsInstruction(
      function: .slope, side: .higher, factors: SamplePlan.matrix(9, 1, stride: 3),
      scores: SamplePlan.matrix(9, 1, offset: 1, stride: 3), labels: SamplePlan.matrix(0, 1),
      groups: groups, output: SamplePlan.matrix(12, 1, stride: 2))
    change(&group, &pairs)
    var plan = SamplePlan.plan()
    plan.schema.groupColumn = "user"
    plan.training.keepsGroups = true
    plan.programs[0].instructions[3] = .group(group)
    plan.programs[0].instructions[13] = .groupPairs(pairs)
    return plan
  }

  private func finding(
    _ change: (inout GroupInstruction, inout GroupPairsInstruction) -> Void
  ) -> String {
    PlanValidator(Self.plan(change)).findings().first?.description ?? "valid"
  }

  @Test func itReadsBack() throws {
    for function in GroupPairsInstruction.Function.allCases {
      for side in GroupPairsInstruction.Side.allCases {
        var plan = Self.plan { group, pairs in
          group.kind = side == .lower ? .sum : .max
          (pairs.function, pairs.side) = (function, side)
        }
        plan.progress = nil
        #expect(try Plan(decoding: plan.encoded()) == plan)
        #expect(plan.programs[0].instructions[13].text.contains(" \(function) over \(side)"))
      }
    }
  }

  @Test func whatDoesNotFitIsFound() {
    #expect(finding { _, _ in } == "valid")
    let wide = SamplePlan.matrix(9, 3)
    #expect(finding { group, _ in group.output = wide }.contains("output has shape [B, 3]"))
    #expect(finding { group, _ in group.groups = SamplePlan.matrix(2, 1) }.contains("groups"))
    #expect(finding { group, _ in group.groups = SamplePlan.weight(2, 4, 2) }.contains("groups"))
    #expect(
      finding { group, _ in group.groups = SamplePlan.matrix(8, 2) }.contains("expected i32"))
    #expect(
      finding { group, _ in group.output = SamplePlan.matrix(7, 2) }.contains("input overlaps"))
    #expect(finding { group, _ in group.input.offset = 1 }.contains("lie inside"))
    #expect(finding { _, pairs in pairs.factors = wide }.contains("factors have 3 columns"))
    #expect(finding { _, pairs in pairs.scores = wide }.contains("scores has shape [B, 3]"))
    #expect(finding { _, pairs in pairs.labels = wide }.contains("labels has shape"))
    #expect(
      finding { _, pairs in pairs.output = SamplePlan.weight(13, 4, 1) }.contains(
        "output has shape"))
    #expect(
      finding { _, pairs in pairs.output = SamplePlan.matrix(9, 1, offset: 1, stride: 3) }
        .contains("scores overlaps output"))
    #expect(
      finding { _, pairs in pairs.groups = SamplePlan.matrix(1, 1, stride: 4) }.contains("groups"))
    var plan = Self.plan()
    plan.schema.groupColumn = nil
    #expect(
      "\(PlanValidator(plan).findings())".contains("the schema names no column of groups"))
  }

  /// Bytes of the file that name no kind are refused.
  @Test func kindsThatThereAreNotAreRefused() throws {
    let plan = Self.plan()
    var wrong = 0
    let bytes = plan.encoded()
    let other = Self.plan { group, _ in group.kind = .sum }.encoded()
    let place = try #require(bytes.indices.first { bytes[$0] != other[$0] })
    for code in UInt8(2)...255 {
      var changed = bytes
      changed[place] = code
      if (try? Plan(decoding: CodecTests.repaired(changed))) == nil { wrong += 1 }
    }
    #expect(wrong == 254)
  }
}
