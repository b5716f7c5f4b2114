import Schema

/// The keys of `training` that say how the tasks' losses become one.
public enum TaskWeightingKeys {
  public enum Kind: String, Sendable, CaseIterable {
    case fixed, uncertainty, dwa, gradnorm, pcgrad
  }

  public static let kind = SpecKey.choice(
    "task_weighting", default: Kind.fixed,
    "`fixed` takes the tasks' own weights; `uncertainty` learns a variance σ² per task and takes"
      + " loss/σ² + ln σ (Kendall, Gal and Cipolla, CVPR 2018); `dwa` weighs a task by how slowly its"
      + " loss falls from epoch to epoch (Liu, Johns and Davison, CVPR 2019); `gradnorm` keeps the"
      + " norms of the tasks' gradients by the shared parameters in proportion to how far each task"
      + " has yet to go (Chen et al., ICML 2018); `pcgrad` takes from each of those gradients what"
      + " points against another one (Yu et al., NeurIPS 2020).")
  public static let temperature = SpecKey.number(
    "dwa_temperature", default: 2, .positive,
    "Divides the ratios of losses in the softmax of `dwa`: the larger, the more alike the weights.")
  public static let alpha = SpecKey.number(
    "gradnorm_alpha", default: 1.5, .notNegative,
    "How strongly `gradnorm` pulls tasks to the same pace; 0 makes all gradient norms equal. No"
      + " weight falls below 1e-3 before the weights are scaled to the number of tasks.")
  public static let learningRate = SpecKey.number(
    "gradnorm_learning_rate", default: 0.025, .positive,
    "The step size of the weights of `gradnorm`.")

  static let keys: [any AnySpecKey] = [kind, temperature, alpha, learningRate]

  /// What a section of `training` asks for.
  static func read(_ section: SectionReader, _ tasks: [TaskSpec]) -> TaskWeighting {
    let chosen = section[kind]
    let owners: [(key: any AnySpecKey, kind: Kind)] = [
      (temperature, .dwa), (alpha, .gradnorm), (learningRate, .gradnorm),
    ]
    for owner in owners where owner.kind != chosen && section.isSet(owner.key) {
      section.report(
        "goes only with \(quoted(kind.name)) \(quoted(owner.kind.rawValue))", owner.key)
    }
    if [.dwa, .gradnorm, .pcgrad].contains(chosen), tasks.count == 1 {
      section.report("\(quoted(chosen.rawValue)) needs two tasks or more", kind)
    }
    switch chosen {
    case .fixed: return .fixed
    case .uncertainty: return .uncertainty
    case .dwa: return .dynamicAverage(temperature: section[temperature])
    case .gradnorm:
      return .gradNorm(alpha: section[alpha], learningRate: section[learningRate])
    case .pcgrad: return .pcGrad
    }
  }
}
