import Schema

/// Uniform numbers in [0, 1) from a counter: they depend on the seed, the stream, the step and the
/// place alone.
public struct RandomInstruction: Sendable, Hashable {
  /// Without gaps.
  public var output: View
  public var stream: Int

  public init(output: View, stream: Int) {
    self.output = output
    self.stream = stream
  }
}

extension RandomInstruction: InstructionBody {
  static let code: UInt8 = 11
  package static let fields: some FieldList<Self> = Fields(Self.init, \.output, \.stream)
  var instruction: Instruction { .random(self) }
  var name: String { "random" }
  var detail: String { " stream \(stream)" }

  mutating func visit(_ walk: inout OperandWalk) { walk(&output, .write("output")) }

  func validate(_ check: inout ProgramValidator) {
    if let sizes = check.sizes(output.extents), let region = check.region(output, sizes),
      region.bounds.count != sizes.reduce(1, { $0.times($1) })
    {
      check.report("output: it has gaps")
    }
    if !(0...Int(UInt32.max)).contains(stream) { check.report("stream \(stream)") }
  }
}
