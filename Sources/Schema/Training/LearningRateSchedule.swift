/// How the learning rate changes from step to step, as a factor of the optimizer's own rate.
///
/// With W steps of warm-up, the factor of step s (from 0) is (s + 1) / W while s < W. After that
/// the shape goes by t = s − W.
public struct LearningRateSchedule: Sendable, Hashable {
  public enum Shape: Sendable, Hashable {
    case constant
    /// factor^⌊t / period⌋.
    case step(factor: Double)
    /// factor^(t / period).
    case exponential(factor: Double)
    /// final + (1 − final)·(1 + cos(π·min(t / period, 1))) / 2.
    case cosine(final: Double)
  }

  /// A length of time.
  public enum Span: Sendable, Hashable {
    case steps(Int)
    /// Not necessarily whole; rounded to whole steps.
    case epochs(Double)
    /// What is left of the training.
    case rest
  }

  public var shape: Shape
  /// At least one step.
  public var period: Span
  public var warmup: Span

  public init(
    shape: Shape = .constant, period: Span = .epochs(1), warmup: Span = .steps(0)
  ) {
    self.shape = shape
    self.period = period
    self.warmup = warmup
  }

  public var isConstant: Bool { self == LearningRateSchedule() }

  /// Whether the factor of a step changes with the length of the run.
  /// - Parameter countsEpochs: Whether runs are lengthened by epochs. Otherwise a run is one epoch, and
  ///   a span of epochs is a share of it.
  public func dependsOnLength(countsEpochs: Bool) -> Bool {
    func depends(_ span: Span) -> Bool {
      switch span {
      case .steps: false
      case .epochs: !countsEpochs
      case .rest: true
      }
    }
    return depends(warmup) || shape != .constant && depends(period)
  }
}
