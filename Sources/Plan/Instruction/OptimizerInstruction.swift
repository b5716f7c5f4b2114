import Schema

/// The step of all dense parameters in one call, as runs of the parameter block.
package struct OptimizerInstruction: Sendable, Hashable {
  package struct Segment: Sendable, Hashable {
    /// In floats from the start of `parameters` and of `gradients`.
    package var offset: Int
    package var count: Int
    package var l2: Float
    /// Zero the gradient once it is read (for gradients that are scattered into).
    package var clearsGradient: Bool

    package init(offset: Int, count: Int, l2: Float, clearsGradient: Bool = false) {
      self.offset = offset
      self.count = count
      self.l2 = l2
      self.clearsGradient = clearsGradient
    }
  }
  /// The whole parameter block and the whole gradient block, each of one axis.
  package var parameters: View
  package var gradients: View
  package var segments: [Segment]
  /// The gradients of all segments are scaled by min(1, maximumNorm / ‖g‖₂) before the L2 penalty
  /// is added; nil leaves them.
  package var maximumNorm: Float?

  package init(
    parameters: View, gradients: View, segments: [Segment], maximumNorm: Float? = nil
  ) {
    self.parameters = parameters
    self.gradients = gradients
    self.segments = segments
    self.maximumNorm = maximumNorm
  }
}

extension OptimizerInstruction: InstructionBody {
  static let code: UInt8 = 14
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.parameters, \.gradients, \.segments, \.maximumNorm)
  var instruction: Instruction { .optimizer(self) }
  var name: String { maximumNorm == nil ? "optimizer" : "clip+optimizer" }
  var detail: String {
    (maximumNorm.map { " norm at most \($0)" } ?? "")
      + segments.map { segment in
        " \(segment.offset)+\(segment.count)" + (segment.l2 == 0 ? "" : " l2 \(segment.l2)")
          + (segment.clearsGradient ? " clear" : "")
      }.joined(separator: ",")
  }
  /// What is left of the parameters is swept beside the last products.
  var timing: Instruction.Timing { .last }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&parameters, .update("parameters"))
    walk(&gradients, .read("gradients"))
  }

  var operands: [Operand] {
    segments.enumerated().flatMap { number, segment in
      [
        Operand(view: part(segment, of: parameters), use: .update("segment", number)),
        Operand(
          view: part(segment, of: gradients),
          use: segment.clearsGradient
            ? .readWrite("gradient", number) : .read("gradient", number)),
      ]
    }
  }

  private func part(_ segment: Segment, of block: View) -> View {
    View(
      buffer: block.buffer, offset: block.offset.plus(segment.offset),
      extents: [.fixed(segment.count)], strides: [1])
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    let count = segments.reduce(0) { $0.plus($1.count) }
    let norm = maximumNorm == nil ? 0 : 1
    return InstructionCost(flops: count.times(12 + 2 * norm), elements: count.times(7 + norm))
  }

  func validate(_ check: inout ProgramValidator) {
    for (view, space) in [(parameters, Buffer.Space.parameters), (gradients, .gradients)] {
      if let region = check.resolve(view, "\(space)"), region.space != space {
        check.report("its \(space) lie in the \(region.space) space")
      }
      if view.strides != [1] { check.report("its \(space) have gaps") }
    }
    if let norm = maximumNorm, !norm.isFinite || norm <= 0 {
      check.report("a maximum norm of \(norm)")
    }
    for (number, segment) in segments.enumerated() {
      let limit = min(
        parameters.extents.product(rows: 1), gradients.extents.product(rows: 1))
      if segment.count < 1 || !check.fits(segment.offset, segment.count, in: limit) {
        check.report("segment \(number) lies outside the parameter block")
      }
      check.expectFactor(segment.l2, "segment \(number)")
    }
  }
}

extension OptimizerInstruction.Segment: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.offset, \.count, \.l2, \.clearsGradient)
}
