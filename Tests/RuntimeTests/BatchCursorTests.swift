import Runtime
import Schema
import Testing

/// Batches that end where the order of an epoch says.
@Suite struct BatchCursorTests {
  /// Two epochs of ten rows; the second one has a batch more.
  private static func order(_ epoch: Int) -> EpochOrder {
    epoch == 0
      ? EpochOrder([3, 1, 4, 0, 5, 9, 2, 6, 8, 7], batchEnds: [4, 7, 10])
      : EpochOrder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], batchEnds: [1, 5, 6, 10])
  }

  private struct Batch: Hashable {
    var rows: [Int32]
    var epoch: Int
    var steps: Int
  }

  private func batches(
    from position: TrainingPosition = .start, batchSize: Int = 4
  ) throws -> [Batch] {
    var cursor = BatchCursor(position, epochs: 2, batchSize: batchSize, order: Self.order)
    var batches: [Batch] = []
    while !cursor.isDone {
      while let range = try cursor.next() {
        batches.append(
          Batch(
            rows: Array(cursor.rows[range]), epoch: cursor.position.epoch,
            steps: cursor.stepsInEpoch))
      }
      cursor.nextEpoch()
    }
    return batches
  }

  @Test func endsAreThoseOfTheOrder() throws {
    let batches = try batches()
    #expect(
      batches.map(\.rows) == [
        [3, 1, 4, 0], [5, 9, 2], [6, 8, 7], [0], [1, 2, 3, 4], [5], [6, 7, 8, 9],
      ])
    // A schedule goes by the steps of the first epoch.
    #expect(Set(batches.map(\.steps)) == [3])
  }

  /// From any place the same batches follow, and the same number of steps an epoch.
  @Test func goesOnFromAnyBatch() throws {
    let all = try batches()
    for (done, position) in [
      (1, TrainingPosition(epoch: 0, row: 4)), (2, TrainingPosition(epoch: 0, row: 7)),
      (3, TrainingPosition(epoch: 1, row: 0)), (5, TrainingPosition(epoch: 1, row: 5)),
    ] {
      #expect(try batches(from: position) == Array(all[done...]))
    }
  }

  /// No batch has more rows than the engine takes, whatever the order says.
  @Test func noBatchIsTooLarge() throws {
    let rows = try batches(batchSize: 3).map(\.rows)
    #expect(rows.allSatisfy { $0.count <= 3 })
    #expect(rows.prefix(4) == [[3, 1, 4], [0], [5, 9, 2], [6, 8, 7]])
  }

  @Test func withoutEndsBatchesAreOfOneSize() throws {
    var cursor = BatchCursor(.start, epochs: 1, batchSize: 4) { _ in
      EpochOrder(Array(0..<10))
    }
    var sizes: [Int] = []
    while let range = try cursor.next() { sizes.append(range.count) }
    #expect(sizes == [4, 4, 2] && cursor.stepsInEpoch == 3)
  }
}
