import Schema

/// What an instruction says about itself. One type conforms for each case of `Instruction`; nothing
/// else in the compiler or in the validator tells instructions apart to know what they touch.
protocol InstructionBody: ByteRecord, Sendable, Hashable {
  /// The number that a plan file names it by: frozen.
  static var code: UInt8 { get }
  var instruction: Instruction { get }
  /// The kernel family, for reports.
  var name: String { get }
  /// Its fields that are no views, for listings; starts with a space unless it is empty.
  var detail: String { get }
  /// When it runs where its operands leave a choice.
  var timing: Instruction.Timing { get }

  /// Shows all its views, each with its use, to the walk.
  mutating func visit(_ walk: inout OperandWalk)
  /// What it touches, in the order in which it does: what it reads in place before what it writes
  /// there. By default the views that `visit` shows.
  var operands: [Operand] { get }
  /// What it walks over where that is more than its operands.
  var loop: [Extent] { get }
  /// The arithmetic of a run with `rows` rows (a multiply-add counts two) and the elements that are
  /// read and written; `elements` counts those of the operands.
  func cost(rows: Int, elements: Int) -> InstructionCost
  /// Reports what its kernel cannot do: shapes that do not agree, numbers out of range. That each
  /// operand lies inside its buffer, has the right type and shares no memory is checked apart.
  func validate(_ check: inout ProgramValidator)
}

extension InstructionBody {
  var detail: String { "" }
  var timing: Instruction.Timing { .early }

  var operands: [Operand] { visited }
  var loop: [Extent] { [] }

  /// The views that `visit` shows.
  var visited: [Operand] {
    var walk = OperandWalk()
    var copy = self
    copy.visit(&walk)
    return walk.operands
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    InstructionCost(flops: elements, elements: elements)
  }
}

/// Work that does not depend on the machine.
package struct InstructionCost: Sendable, Hashable {
  /// Additions and multiplications.
  package var flops: Int
  /// Elements read and written.
  package var elements: Int
}

extension Int {
  /// Sums and products of sizes out of a file, which stay far from overflow.
  package func times(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? Int.max / 1024 : product
  }

  package func plus(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? Int.max / 1024 : sum
  }
}

extension [Extent] {
  /// The number of elements at that many rows, `factor` times; saturates instead of overflowing.
  package func product(rows: Int, times factor: Int = 1) -> Int {
    reduce(factor) { $0.times($1.size(rows: rows)) }
  }
}
