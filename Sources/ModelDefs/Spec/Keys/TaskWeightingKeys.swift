import Schema

/// The keys of `training` that say how the tasks' losses become one.
enum TaskWeightingKeys {
  enum Kind: String, CaseIterable { case fixed, uncertainty }

  static let kind = SpecKey.choice(
    "task_weighting", default: Kind.fixed,
    "`fixed` takes the tasks' own weights; `uncertainty` learns a variance σ² per task and takes"
      + " loss/σ² + ln σ (Kendall, Gal and Cipolla, CVPR 2018).")

  static let keys: [any AnySpecKey] = [kind]

  /// What a section of `training` asks for.
  static func read(_ section: SectionReader, _ tasks: [TaskSpec]) -> TaskWeighting {
    switch section[kind] {
    case .fixed: .fixed
    case .uncertainty: .uncertainty
    }
  }
}
