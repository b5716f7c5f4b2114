import Data
import Foundation
import Schema
import Testing

/// Rows streamed from a file are those that a reading into memory gives, in the order asked for.
@Suite struct StreamTests {
  private let declaration = DataDeclaration(
    format: TableFormat(),
    features: [
      FeatureDeclaration(name: "n", column: "a", kind: .numeric(.none)),
      FeatureDeclaration(name: "i", column: "b", kind: .id(.trainingData(minFrequency: 1))),
      FeatureDeclaration(
        name: "s", column: "b",
        kind: .sequence(.hash(buckets: 50), SequenceLayout(separator: 32, maxLength: 300))),
    ],
    labels: [LabelSchema(task: "t", column: "y", kind: .binary)])

  private struct Streamed {
    var folder: TemporaryFolder
    var dataset: Dataset
    var file: StreamFile
    var cache: DatasetCache
    var path: String
    var schema: DataSchema
  }

  /// Long rows, so that blocks are short.
  private func streamed(rows: Int = 20_000) throws -> Streamed {
    let folder = try TemporaryFolder()
    let text = "a,b,y\n" + (0..<rows).map { "\($0),x\($0 % 91),\($0 * 2 / rows)\n" }.joined()
    let path = try folder.write(text)
    let fitted = try declaration.fit([path])
    let cache = DatasetCache(folder: folder.file("cache"))
    let (file, outcome) = try cache.stream([path], schema: fitted.schema)
    guard case .built(let place, because: nil) = outcome else { throw DataError("\(outcome)") }
    #expect(place == file.path)
    return Streamed(
      folder: folder, dataset: fitted.dataset, file: file, cache: cache, path: path,
      schema: fitted.schema)
  }

  /// The rows in batches of `size`, as bytes of each feed.
  private func batches(
    _ layout: FeedLayout, _ order: [Int32], size: Int,
    copy: (UnsafeBufferPointer<Int32>, [UnsafeMutableRawPointer?]) throws -> Void
  ) rethrows -> [[UInt8]] {
    var result: [[UInt8]] = []
    for start in stride(from: 0, to: order.count, by: size) {
      let rows = Array(order[start..<min(start + size, order.count)])
      var feeds = layout.feeds.map { [UInt8](repeating: 1, count: rows.count * $0.width * 4) }
      let pointers = feeds.indices.map { feed in
        feeds[feed].withUnsafeMutableBytes { $0.baseAddress }
      }
      try rows.withUnsafeBufferPointer { try copy($0, pointers) }
      result.append(feeds.flatMap { $0 })
    }
    return result
  }

  @Test func streamedRowsAreTheRows() throws {
    let data = try streamed()
    #expect(data.file.blockCount > 4)
    let bytes = data.file.blockRows * (303 * 4 + 8)
    for shuffled in [true, false] {
      let rows = StreamedRows(data.file, seed: 4, isShuffled: shuffled, windowBytes: 2 * bytes)
      #expect(rows.shuffle.window == 2)
      for epoch in [0, 3] {
        let order = rows.order(epoch: epoch)
        #expect(order.sorted() == Array(0..<Int32(data.dataset.rowCount)))
        let streamed = try batches(rows.layout, order, size: 777) {
          try rows.copyRows($0, into: $1)
        }
        let expected = batches(rows.layout, order, size: 777) {
          data.dataset.copyRows($0, into: $1)
        }
        #expect(streamed == expected)
        // On from the middle, as a training that goes on does, and back to the start.
        let rest = Array(rows.order(epoch: epoch)[12_000...])
        #expect(
          try batches(rows.layout, rest, size: 500) { try rows.copyRows($0, into: $1) }
            == batches(rows.layout, rest, size: 500) { data.dataset.copyRows($0, into: $1) })
        #expect(
          try batches(rows.layout, Array(order[..<300]), size: 300) {
            try rows.copyRows($0, into: $1)
          }
            == batches(rows.layout, Array(order[..<300]), size: 300) {
              data.dataset.copyRows($0, into: $1)
            })
      }
      rows.close()
    }
  }

  @Test func ordersOfSortedDataAreMixed() {
    // Labels sorted: the second half is positive. A window of 32 of 400 blocks must look like all.
    let shuffle = BlockShuffle(seed: 1, rows: 400_000, blockRows: 1000, window: 32)
    let order = shuffle.order(epoch: 2)
    #expect(order != shuffle.order(epoch: 1))
    var shares: [Double] = []
    for start in stride(from: 0, to: order.count - 1000, by: 1000) {
      shares.append(Double(order[start..<start + 1000].count { $0 >= 200_000 }) / 1000)
    }
    let mean = shares.reduce(0, +) / Double(shares.count)
    let deviation =
      (shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count)).squareRoot()
    // 1000 rows at random vary by 0.5 / √1000 = 0.016, of blocks drawn blindly by 0.09.
    #expect(abs(mean - 0.5) < 0.005 && deviation < 0.035, "\(mean) \(deviation)")
    #expect(Set(order).count == 400_000)
  }

  @Test func filesAreOpenedAgainAndDamageIsSeen() throws {
    let data = try streamed()
    #expect(
      try data.cache.stream([data.path], schema: data.schema).outcome == .opened(data.file.path))
    var bytes = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: data.file.path)))
    bytes[500] ^= 4
    try Foundation.Data(bytes).write(to: URL(fileURLWithPath: data.file.path))
    let damaged = try data.cache.stream([data.path], schema: data.schema).file
    let rows = StreamedRows(damaged, seed: 1, isShuffled: false)
    let order = rows.order(epoch: 0)
    let error = #expect(throws: DataError.self) {
      try batches(rows.layout, order, size: 4000) { try rows.copyRows($0, into: $1) }
    }
    #expect(
      error?.message.contains("block 0") == true && error?.message.contains("damaged") == true)
    rows.close()
    bytes.removeLast(7)
    try Foundation.Data(bytes).write(to: URL(fileURLWithPath: data.file.path))
    let (_, outcome) = try data.cache.stream([data.path], schema: data.schema)
    guard case .built(_, because: .some) = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  /// A machine of the other byte order writes its words the other way round: its file is never read,
  /// but written again.
  @Test func aFileOfTheOtherByteOrderIsWrittenAgain() throws {
    let data = try streamed()
    let original = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: data.file.path)))
    var swapped = original
    for place in [8, 16, original.count - 24, original.count - 16, original.count - 8] {
      swapped[place..<place + 8].reverse()
    }
    try Foundation.Data(swapped).write(to: URL(fileURLWithPath: data.file.path))
    let (file, outcome) = try data.cache.stream([data.path], schema: data.schema)
    let reason = "it was written on a machine of another byte order"
    #expect(outcome == .built(file.path, because: reason))
    #expect(
      try Foundation.Data(contentsOf: URL(fileURLWithPath: file.path)).elementsEqual(original))
  }

  /// A file that begins in another way is written again, and the reason said.
  @Test(arguments: [
    (0, "it is no file of encoded rows"), (8, "it has version "),
    (16, "it was written on a machine of another byte order"),
  ]) func otherHeadsAreNotRead(place: Int, reason: String) throws {
    let data = try streamed(rows: 300)
    var bytes = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: data.file.path)))
    bytes[place] ^= 1
    try Foundation.Data(bytes).write(to: URL(fileURLWithPath: data.file.path))
    let (_, outcome) = try data.cache.stream([data.path], schema: data.schema)
    guard case .built(_, because: let found?) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(found.contains(reason), "\(found)")
  }
}
