/// How a batch is cut into micro-batches: runs of its rows that go through the model one after the other,
/// with memory for one of them. Their gradients are added up before the one step of the optimizer.
///
/// Of a batch of n rows micro-batch s of S has those from ⌊s·n/S⌋ to ⌊(s + 1)·n/S⌋, so that sizes differ by
/// one row at most; some are empty where there are fewer rows than micro-batches. Whatever a step computes as
/// a mean over rows is then the mean over the micro-batches, each weighted by its share of the rows.
public struct MicroBatches: Sendable, Hashable {
  /// S, at least 1; 1 for a batch in one piece.
  public var count: Int

  public init(_ count: Int = 1) { self.count = count }

  /// More are taken for a mistake.
  public static let most = 1 << 16

  public var isOn: Bool { count > 1 }

  /// The rows of micro-batch `index`, from 0, in a batch of so many.
  package func rows(_ index: Int, of batch: Int) -> Range<Int> {
    start(index, of: batch)..<start(index + 1, of: batch)
  }

  /// ⌊index·batch/S⌋, whatever the number of rows that a file asks for.
  private func start(_ index: Int, of batch: Int) -> Int {
    let (whole, rest) = batch.quotientAndRemainder(dividingBy: max(1, count))
    return index * whole + index * rest / max(1, count)
  }

  /// The most rows of a micro-batch in a batch of so many.
  package func largest(of batch: Int) -> Int {
    let (whole, rest) = batch.quotientAndRemainder(dividingBy: max(1, count))
    return whole + min(1, rest)
  }

  /// A parameter f32[K + 1] that is set before each micro-batch and that no gradient moves. For each of the K
  /// tasks it has the sum of its weights over the rows of the whole batch, times the micro-batch's share of the
  /// rows: what a weighted mean divides by. The last element is the number of rows of the batch.
  package static let weightsParameter = "micro_batch.weights"
}
