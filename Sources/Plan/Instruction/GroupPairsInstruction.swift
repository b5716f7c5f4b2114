import Schema

/// For each row i the sum of a_j·f(d) over the rows j of its group whose label is lower, or higher, than
/// its own. a are `factors`, d is the score of the row with the higher label less that of the other one;
/// all are [n, 1]. `groups` is as in `GroupInstruction`.
package struct GroupPairsInstruction: Sendable, Hashable {
  /// f(d).
  package enum Function: UInt8, Sendable, Hashable, CaseIterable {
    /// 1.
    case count = 0
    /// ln(1 + e⁻ᵈ).
    case logistic
    /// −σ(−d).
    case slope
    /// σ(d)·σ(−d).
    case curvature
  }
  /// The rows that a row is paired with.
  package enum Side: UInt8, Sendable, Hashable, CaseIterable { case lower, higher }

  package var function: Function
  package var side: Side
  package var factors: View
  package var scores: View
  package var labels: View
  package var groups: View
  package var output: View

  package init(
    function: Function, side: Side, factors: View, scores: View, labels: View, groups: View,
    output: View
  ) {
    self.function = function
    self.side = side
    self.factors = factors
    self.scores = scores
    self.labels = labels
    self.groups = groups
    self.output = output
  }
}

extension GroupPairsInstruction: InstructionBody {
  static let code: UInt8 = 19
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.function, \.side, \.factors, \.scores, \.labels, \.groups, \.output)
  var instruction: Instruction { .groupPairs(self) }
  var name: String { "group_pairs" }
  var detail: String { " \(function) over \(side)" }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&factors, .read("factors"))
    walk(&scores, .read("scores"))
    walk(&labels, .read("labels"))
    walk(&groups, .read("groups", dtype: .i32))
    walk(&output, .write("output"))
  }

  /// How large groups are shows only when it runs: counted are groups of this many rows, of which each
  /// is paired with half, at so many operations a pair.
  private static let typicalGroup = 16
  private static let operations = 20

  func cost(rows: Int, elements: Int) -> InstructionCost {
    let pairs = elements.times(Self.typicalGroup / 2)
    return InstructionCost(
      flops: pairs.times(function == .count ? 1 : Self.operations), elements: elements)
  }

  func validate(_ check: inout ProgramValidator) {
    guard let a = check.matrix(factors, "factors") else { return }
    if a.columns != .fixed(1) { check.report("factors have \(a.columns) columns") }
    for (view, role) in [(scores, "scores"), (labels, "labels"), (output, "output")] {
      check.expect(view.extents, factors.extents, role)
    }
    check.expectGroups(groups, of: a.rows)
  }
}

extension GroupPairsInstruction.Function: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .count), (1, .logistic), (2, .slope), (3, .curvature),
  ]
}

extension GroupPairsInstruction.Side: ByteCode {
  package static let codes: [(UInt8, Self)] = [(0, .lower), (1, .higher)]
}
