import Schema

/// From the cotangent of a mixture's output: the cotangents of experts (times the derivative of
/// the activation whose output the experts are) and of logits.
package struct MixtureGradientInstruction: Sendable, Hashable {
  package var layout: MixtureLayout
  package var experts: View
  package var weights: View
  package var cotangent: View
  package var expertCotangents: View
  package var logitCotangents: View
  package var gradientOf: MatmulInstruction.Activation?

  package init(
    layout: MixtureLayout, experts: View, weights: View, cotangent: View, expertCotangents: View,
    logitCotangents: View, gradientOf: MatmulInstruction.Activation?
  ) {
    self.layout = layout
    self.experts = experts
    self.weights = weights
    self.cotangent = cotangent
    self.expertCotangents = expertCotangents
    self.logitCotangents = logitCotangents
    self.gradientOf = gradientOf
  }
}

extension MixtureGradientInstruction: InstructionBody {
  static let code: UInt8 = 10
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.layout, \.experts, \.weights, \.cotangent, \.expertCotangents,
    \.logitCotangents, \.gradientOf)
  var instruction: Instruction { .mixtureGradient(self) }
  var name: String { "mixture_gradient" }
  var detail: String { layout.detail + (gradientOf.map { " ⊙\($0)′" } ?? "") }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&experts, .read("experts"))
    walk(&weights, .read("weights"))
    walk(&cotangent, .read("cotangent"))
    walk(&expertCotangents, .write("expert cotangents"))
    walk(&logitCotangents, .write("logit cotangents"))
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    InstructionCost(
      flops: rows.times(layout.weightColumns).times(layout.width.times(4).plus(10)),
      elements: elements)
  }

  func validate(_ check: inout ProgramValidator) {
    check.expect(expertCotangents.extents, experts.extents, "expert cotangents")
    check.expectDenseRows(expertCotangents, "expert cotangents")
    layout.validate(
      experts: experts, logits: logitCotangents, output: cotangent, weights: weights, &check)
  }
}
