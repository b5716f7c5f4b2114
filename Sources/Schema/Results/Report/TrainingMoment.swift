/// What was seen of a model between two epochs of its training, on a few training rows.
public struct TrainingMoment: Sendable, Hashable {
  /// The values of one thing.
  public struct Distribution: Sendable, Hashable {
    public var name: String
    public var histogram: ValueHistogram

    public init(_ name: String, _ histogram: ValueHistogram) {
      self.name = name
      self.histogram = histogram
    }
  }

  /// Epochs that were done.
  public var epoch: Int
  /// nil where tasks share no parameters, or a gradient is zero.
  public var cosines: TaskCosines?
  /// Of each gate and expert, named `gates.click/experts.0`, the weights over the rows.
  public var gates: [Distribution] = []
  /// Of each task and part of the model that tasks share, named `click/experts`, the gradients of the task's
  /// loss by the part's weights.
  public var gradients: [Distribution] = []

  public init(epoch: Int, cosines: TaskCosines? = nil) {
    self.epoch = epoch
    self.cosines = cosines
  }
}
