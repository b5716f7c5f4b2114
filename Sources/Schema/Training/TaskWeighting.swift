/// How the losses of the tasks become one. The tasks' own weights c_k are factors beside it.
public enum TaskWeighting: Sendable, Hashable {
  /// Σ c_k·L_k.
  case fixed
  /// Σ c_k·(L_k/σ_k² + ln σ_k) with a learned σ_k per task (Kendall, Gal, Cipolla, CVPR 2018).
  case uncertainty
  /// Dynamic weight averaging (Liu, Johns, Davison, CVPR 2019): Σ c_k·w_k·L_k, where in each epoch
  /// w = K·softmax(r / temperature) and r_k is the mean loss of the last epoch over that of the one
  /// before; 1 in the first two.
  case dynamicAverage(temperature: Double)
  /// GradNorm (Chen, Badrinarayanan, Lee, Rabinovich, ICML 2018): Σ c_k·w_k·L_k, where the w_k move
  /// so that the gradients of the tasks by the shared parameters get norms in proportion to
  /// r_k^alpha, r_k the task's loss over its first one, relative to the mean over the tasks.
  case gradNorm(alpha: Double, learningRate: Double)
  /// PCGrad (Yu et al., NeurIPS 2020): of two gradients by the shared parameters that point against
  /// each other, each loses its component along the other before they are added.
  case pcGrad

  /// Whether the gradient of each task by the shared parameters is needed on its own.
  public var needsTaskGradients: Bool {
    switch self {
    case .fixed, .uncertainty, .dynamicAverage: false
    case .gradNorm, .pcGrad: true
    }
  }
}

/// A task's share in the loss.
public struct TaskWeight: Sendable, Hashable {
  public var task: String
  /// The factor c_k that the spec gives it.
  public var weight: Double

  public init(task: String, weight: Double) {
    self.task = task
    self.weight = weight
  }
}

/// The names by which a model, the compiler and a training run speak of the weighting's state.
extension TaskWeighting {
  /// Whether a parameter is what a weighting keeps from step to step, or is set in each step.
  package static func isState(_ parameter: String) -> Bool {
    [
      weightsParameter, firstLossesParameter, lossSumsParameter, lastLossesParameter,
      MicroBatches.weightsParameter,
    ].contains(parameter)
  }

  /// The w_k of `dynamicAverage` and `gradNorm`, a parameter f32[K] that no gradient moves.
  public static let weightsParameter = "task_weighting.weights"
  /// `gradNorm`: each task's first loss, f32[K]; 0 while it has none.
  public static let firstLossesParameter = "task_weighting.first_losses"
  /// `dynamicAverage`: Σ rows·loss of the epoch that runs, f32[K].
  public static let lossSumsParameter = "task_weighting.loss_sums"
  /// `dynamicAverage`: the mean losses of the epoch before, f32[K]; 0 while there is none.
  public static let lastLossesParameter = "task_weighting.last_losses"
}
