import Schema
import Testing

@Suite struct MicroBatchesTests {
  /// They lie side by side, differ by a row at most, and none is larger than `largest` says.
  @Test(arguments: [1, 2, 3, 8, MicroBatches.most], [0, 1, 7, 8, 4096, 1 << 24, Int.max])
  func rowsAreCutEvenly(count: Int, batch: Int) {
    let batches = MicroBatches(count)
    let rows = (0..<count).map { batches.rows($0, of: batch) }
    let ends = [0] + rows.map(\.upperBound)
    #expect(zip(ends, rows).allSatisfy { $0 == $1.lowerBound })
    #expect(rows.allSatisfy { [batch / count, batches.largest(of: batch)].contains($0.count) })
    #expect(ends.last == batch)
  }

  @Test func sevenRowsInThreeParts() {
    #expect((0..<3).map { MicroBatches(3).rows($0, of: 7) } == [0..<2, 2..<4, 4..<7])
    #expect(MicroBatches(3).largest(of: 7) == 3)
  }
}
