/// Sums of losses over the part of a training run since its last report: of rows each times the rows of
/// its step.
public struct LossSums: Sendable, Hashable {
  /// Rows, or steps on episodes.
  public var count: Int
  public var total: Double
  /// By task its loss, and the factor that it had; nil for what was not there once.
  public var tasks: [Double?]
  public var factors: [Double?]
  /// Of the queries of episodes of images.
  public var accuracy: Double?
  /// Training alone, before the run was stopped in the middle of the part.
  public var seconds: Double

  public init(
    count: Int = 0, total: Double = 0, tasks: [Double?] = [],
    factors: [Double?] = [], accuracy: Double? = nil, seconds: Double = 0
  ) {
    self.count = count
    self.total = total
    self.tasks = tasks
    self.factors = factors
    self.accuracy = accuracy
    self.seconds = seconds
  }

  /// Nothing yet, of so many tasks.
  public init(taskCount: Int) {
    let zeros = [Double?](repeating: 0, count: taskCount)
    self.init(tasks: zeros, factors: zeros)
  }

  /// Divides a sum.
  public func mean(_ sum: Double) -> Double { sum / Double(max(1, count)) }
}
