import Plan

/// Validates the drafts of one program, one after the other; what stayed since the last one needs no
/// second look.
final class DraftValidation: @unchecked Sendable {
  // One validation at a time: `DeferredCheck` waits for the one before.
  private var checked = CheckedInstructions()

  /// - Throws: `PlanError.invalid` where an instruction breaks an invariant of the plan.
  func requireValid(_ draft: ProgramDraft) throws {
    let findings = draft.program.findings(
      parameters: draft.layout.records, parameterFloats: draft.layout.floats,
      stepsRows: !draft.tables.isEmpty, checked: &checked)
    guard findings.isEmpty else { throw PlanError.invalid(findings) }
  }
}
