import Schema

/// Uniform numbers in [0, 1) from a counter: they depend on the seed, the stream, the step and the
/// place alone.
package struct RandomInstruction: Sendable, Hashable {
  /// Row by row; there may be gaps between the rows (of the first axis), not within them.
  package var output: View
  package var stream: Int

  package init(output: View, stream: Int) {
    self.output = output
    self.stream = stream
  }
}

extension RandomInstruction {
  /// The elements of a row, and those between the starts of two rows; nil where a row has gaps or
  /// depends on the batch.
  package var row: (elements: Int, stride: Int)? {
    guard output.strides.count == output.extents.count else { return nil }
    var elements = 1
    for (extent, stride) in zip(output.extents, output.strides).dropFirst().reversed() {
      guard case .fixed(let size) = extent, size == 1 || stride == elements else { return nil }
      elements = elements.times(size)
    }
    guard let rows = output.extents.first, let stride = output.strides.first, rows != .fixed(1)
    else { return (elements, elements) }
    return stride >= elements ? (elements, stride) : nil
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
    if row == nil { check.report("output: its rows have gaps") }
    if !(0...Int(UInt32.max)).contains(stream) { check.report("stream \(stream)") }
  }
}
