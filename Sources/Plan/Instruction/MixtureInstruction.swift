import Schema

/// For each gate: w = softmax(logits), output = Σ w·expert. Matrices [B, *].
package struct MixtureInstruction: Sendable, Hashable {
  package var layout: MixtureLayout
  package var experts: View
  package var logits: View
  /// Kept for the gradient; nil when none follows.
  package var weights: View?
  package var output: View

  package init(layout: MixtureLayout, experts: View, logits: View, weights: View?, output: View) {
    self.layout = layout
    self.experts = experts
    self.logits = logits
    self.weights = weights
    self.output = output
  }
}

extension MixtureInstruction: InstructionBody {
  static let code: UInt8 = 9
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.layout, \.experts, \.logits, \.weights, \.output)
  var instruction: Instruction { .mixture(self) }
  var name: String { "mixture" }
  var detail: String { layout.detail }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&experts, .read("experts"))
    walk(&logits, .read("logits"))
    walk(&weights, .write("weights"))
    walk(&output, .write("output"))
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    InstructionCost(
      flops: rows.times(layout.weightColumns).times(layout.width.times(2).plus(20)),
      elements: elements)
  }

  func validate(_ check: inout ProgramValidator) {
    layout.validate(experts: experts, logits: logits, output: output, weights: weights, &check)
  }
}
