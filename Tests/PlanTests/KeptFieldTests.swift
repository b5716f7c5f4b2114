import Plan
import Schema
import TensorTypes
import Testing

/// Fields of one type that lie side by side, each with a number of its own: none takes another's
/// place, in a plan file and in its text.
@Suite struct KeptFieldTests {
  @Test func everyNumberOfTheOptimizersIsKept() throws {
    var plan = SamplePlan.plan()
    plan.progress = nil
    for (k, name) in Hyperparameter.Name.allCases.enumerated() {
      plan.training.optimizer.hyperparameters[name] = 0.01 * Double(k + 1)
    }
    plan.training.optimizer.sparse = SparseOptimizer(kind: .ftrl, tables: ["table"])
    for (k, name) in Hyperparameter.Name.allCases.enumerated() {
      plan.training.optimizer.sparse?.hyperparameters[name] = 0.5 - 0.01 * Double(k + 1)
    }
    let read = try PlanDecoder().decode(plan.encoded())
    #expect(read.training.optimizer == plan.training.optimizer)
    // By the rules of docs/plan-format.md: each number behind its name.
    let bytes = plan.encoded()
    for (k, name) in Hyperparameter.Name.allCases.enumerated() {
      for number in [0.01 * Double(k + 1), 0.5 - 0.01 * Double(k + 1)] {
        let pair =
          [UInt8(name.rawValue.utf8.count)] + Array(name.rawValue.utf8)
          + (0..<8).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
        let isThere = (0..<bytes.count - pair.count).contains {
          bytes[$0] == pair[0] && bytes[$0 + 1] == pair[1]
            && Array(bytes[$0..<$0 + pair.count]) == pair
        }
        #expect(isThere, "\(name) \(number)")
      }
    }
  }

  @Test func instructionsShowTheirNumbers() {
    let features = [
      OneHotLinearInstruction.Feature(
        ids: SamplePlan.matrix(1, 1, offset: 1, stride: 6), rowOffset: 1, rowCount: 4)
    ]
    func text(_ l2: Float?, _ rows: OneHotGradientInstruction.UpdatedRows = .all) -> String {
      Instruction.oneHotGradient(
        OneHotGradientInstruction(
          features: features, weight: SamplePlan.weight(3, 5, 2), bias: nil,
          matrix: SamplePlan.matrix(12, 2), updateL2: l2, updatedRows: rows)
      ).text
    }
    #expect(!text(nil).contains("l2") && !text(0).contains("l2"))
    #expect(text(0.5).contains(" l2 0.5 "))
    #expect(text(0, .present).contains("present rows"))
  }

  /// Views that may share an element, on both sides and where their numbers overflow.
  @Test func overlapsOfViews() {
    let left = SamplePlan.matrix(0, 3, stride: 6)
    let right = SamplePlan.matrix(0, 3, offset: 3, stride: 6)
    let middle = SamplePlan.matrix(0, 2, offset: 2, stride: 6)
    for (a, b, expected) in [(left, right, false), (left, middle, true), (middle, right, true)] {
      #expect(a.mayOverlap(b, rows: 4) == expected && b.mayOverlap(a, rows: 4) == expected)
    }
    #expect(!left.mayOverlap(SamplePlan.matrix(1, 3, stride: 6), rows: 4))
    var far = SamplePlan.matrix(0, 3)
    far.strides[0] = .max
    #expect(far.bounds(rows: 4) == nil)
    #expect(far.mayOverlap(right, rows: 4) && right.mayOverlap(far, rows: 4))
  }

  /// What the validator says of the sample's training program after a change.
  private func findings(_ change: (inout Program) -> Void) -> [String] {
    var plan = SamplePlan.plan()
    change(&plan.programs[0])
    return PlanValidator(plan).findings().map(\.description)
  }

  @Test func rowsOfLookupsAndMixturesAreThoseOfTheirMatrix() {
    func rows(_ change: (inout Program) -> Void) -> String { findings(change).first ?? "valid" }
    let gather = rows {
      guard case .gather(var i) = $0.instructions[0] else { return }
      i.features[0].ids.extents[0] = .fixed(4)
      $0.instructions[0] = .gather(i)
    }
    #expect(gather.contains("ids 0 have 4 rows, the matrix B"))
    for place in [\MixtureInstruction.logits, \.output] {
      let found = rows {
        guard case .mixture(var i) = $0.instructions[4] else { return }
        i[keyPath: place].extents[0] = .fixed(4)
        $0.instructions[4] = .mixture(i)
      }
      #expect(found.contains("has 4 rows, experts B"), "\(found)")
    }
  }

  @Test func aFeatureHasAnIdAtLeast() {
    for (encoding, text) in [
      (IdEncoding.identity(count: 0), "0 ids"), (.hash(buckets: 0), "0 hash buckets"),
    ] {
      var plan = SamplePlan.plan()
      plan.schema.features[3].encoder = .id(encoding)
      #expect(PlanValidator(plan).findings().contains { $0.description.contains(text) })
    }
  }

  /// Two writes of one level into column blocks of a matrix: independent where they do not meet,
  /// whichever comes first.
  @Test func columnBlocksOfOneLevel() {
    func finding(_ first: Range<Int>, _ second: Range<Int>) -> String {
      let found = findings { program in
        func fill(_ columns: Range<Int>) -> Instruction {
          .fill(
            SamplePlan.matrix(11, columns.count, offset: columns.lowerBound, stride: 6), 0)
        }
        program.instructions[2] = fill(first)
        program.instructions[3] = fill(second)
        program.levels.removeAll { $0 == 3 }
      }
      return found.first { $0.contains("of its own level") } ?? "independent"
    }
    #expect(finding(0..<3, 3..<6) == "independent" && finding(3..<6, 0..<3) == "independent")
    for (a, b) in [(0..<3, 2..<4), (0..<4, 1..<2), (0..<3, 0..<1), (3..<6, 5..<6)] {
      #expect(finding(a, b).contains("it depends on instruction 2"), "\(a) \(b)")
      #expect(finding(b, a).contains("it depends on instruction 2"), "\(b) \(a)")
    }
    // Three columns from the fifth of six on go on in the next row.
    let wraps = findings { program in
      program.instructions[2] = .fill(SamplePlan.matrix(11, 2, stride: 6), 0)
      program.instructions[3] = .fill(
        View(
          buffer: BufferID(11), offset: 4, extents: [.fixed(2), .fixed(3)], strides: [6, 1]), 0)
      program.levels.removeAll { $0 == 3 }
    }
    #expect(wraps.contains { $0.contains("of its own level") }, "\(wraps)")
  }
}
