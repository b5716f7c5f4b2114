import Plan
import Schema
import TensorTypes
import Testing

/// The sample plan with an update by rows in place of its optimizer instruction.
@Suite struct SparseUpdateTests {
  private func view(_ buffer: Int, _ offset: Int, _ columns: Int, _ stride: Int) -> View {
    View(
      buffer: BufferID(buffer), offset: offset, extents: [.batch(times: 1), .fixed(columns)],
      strides: [stride, 1])
  }

  func plan(_ change: (inout SparseUpdateInstruction) -> Void = { _ in }) -> Plan {
    var plan = SamplePlan.plan()
    plan.training.optimizer.sparse = SparseOptimizer(kind: .lazyAdam, tables: ["table"])
    var update = SparseUpdateInstruction(
      table: View(
        buffer: BufferID(3), offset: 30, extents: [.fixed(5), .fixed(2)], strides: [2, 1]),
      l2: 0.5, sources: [.init(ids: view(2, 0, 2, 2), pooling: .sum, matrix: view(11, 4, 2, 6))])
    change(&update)
    plan.programs[0].instructions[15] = .sparseUpdate(update)
    return plan
  }

  private func finding(_ plan: Plan) -> String {
    PlanValidator(plan).findings().first?.description ?? "valid"
  }

  @Test func itReadsBack() throws {
    for kind in SparseOptimizer.Kind.allCases {
      var plan = plan()
      plan.training.optimizer.sparse?.kind = kind
      (plan.progress, plan.initial) = (nil, nil)
      #expect(try Plan(decoding: plan.encoded()) == plan)
    }
  }

  /// Initial states have a number a row where the rule has.
  @Test func initialStatesAreThoseOfTheRule() {
    var plan = plan()
    plan.training.optimizer.sparse?.kind = .rowwiseAdagrad
    #expect(finding(plan).contains("an initial optimizer state of table"))
    plan.initial?.rows[0].states = [[1, 2, 3], [4, 5, 6]]
    #expect(finding(plan) == "valid")
  }

  @Test func whatDoesNotFitIsFound() {
    #expect(finding(plan()) == "valid")
    #expect(finding(plan { $0.l2 = .nan }).contains("L2"))
    #expect(finding(plan { $0.table.extents[0] = .fixed(4) }).contains("not a parameter"))
    #expect(finding(plan { $0.table.offset = 31 }).contains("lie inside"))
    #expect(finding(plan { $0.table.buffer = BufferID(4) }).contains("not a parameter"))
    #expect(finding(plan { $0.sources[0].pooling = .concat }).contains("columns"))
    #expect(finding(plan { $0.sources[0].ids = nil }).contains("rows for a table"))
    #expect(finding(plan { $0.sources[0].ids = self.view(0, 0, 1, 1) }) != "valid")
    #expect(finding(plan { $0.sources[0].matrix.offset = 99 }) != "valid")
    var without = plan()
    without.training.optimizer.sparse = nil
    #expect(finding(without).contains("no sparse optimizer"))
  }
}
