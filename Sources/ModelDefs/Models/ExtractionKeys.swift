/// The keys that CGC and PLE share.
public enum ExtractionKeys {
  public static let numTaskExperts = SpecKey.integer(
    "num_task_experts", default: 3, in: 1...4096, "How many experts each task has for itself.")
  public static let numSharedExperts = SpecKey.integer(
    "num_shared_experts", default: 2, in: 1...4096, "How many experts all tasks share.")

  static let keys: [any AnySpecKey] =
    [
      numTaskExperts, numSharedExperts, MMoE.expertHiddenUnits, MMoE.gateHiddenUnits,
      ModelKeys.towerHiddenUnits,
    ] + ModelKeys.style

  static func sizes(_ section: SectionReader) -> ExtractionSizes {
    ExtractionSizes(
      taskExperts: section[numTaskExperts], sharedExperts: section[numSharedExperts],
      experts: Experts(section))
  }

  /// The shared part's experts and gate are named `shared`.
  static func check(_ scope: ModelScope) {
    if scope.tasks.contains(where: { $0.name == "shared" }) {
      scope.report("a task of this model cannot be named \"shared\"")
    }
  }
}
