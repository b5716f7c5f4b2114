import Plan

/// A rewrite of the instructions of one program. It keeps what a run of the program means: what its
/// fetches hold and how parameters are stepped.
protocol InstructionPass: Sendable {
  /// What `--disable` and `--print-after` call it: lower case, underscores.
  var name: String { get }

  /// Whether there is no program without this pass, so that it cannot be disabled.
  var isRequired: Bool { get }

  /// Rewrites the draft, which is validated behind it.
  func run(_ draft: inout ProgramDraft) throws
}

extension InstructionPass {
  var isRequired: Bool { false }
}
