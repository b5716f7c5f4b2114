import Plan

/// An instruction that has C. A plan whose predictions need another one is not exported.
protocol CInstruction {
  /// Writes its statements for one row.
  func write(to program: inout CProgram) throws(ExportError)
}

extension MatmulInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension ElementwiseInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension ReduceInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension SoftmaxInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension GatherInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension OneHotInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension OneHotLinearInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension MixtureInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension FillInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) { try program.write(self) }
}

extension BatchSizeInstruction: CInstruction {
  func write(to program: inout CProgram) throws(ExportError) {
    program.text.line("\(try program.element(view)) = 1.0f;")
  }
}
