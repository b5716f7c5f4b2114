import Schema

/// Writes a made-up log of the size and shape of Ali-CCP: 23 fields of up to three ids each, most of
/// them drawn by Zipf's law, with the labels click and purchase (which needs a click), whose true
/// probabilities are known. Rows are written as they are drawn, so that memory does not grow with
/// them. The same seed gives the same bytes everywhere.
package struct AdLogGenerator: Sendable {
  private let world: AdLogWorld

  package init(seed: UInt64 = 2026) { world = AdLogWorld(seed: seed) }

  /// Name and number of ids of each field, 737,945 in all.
  package static let fields: [(name: String, count: Int)] = [
    ("user", 230_000), ("category_group", 98), ("shop_group", 14), ("gender", 3), ("age", 8),
    ("spending", 4), ("grade", 4), ("occupation", 3), ("city", 5), ("history_category", 10_000),
    ("history_shop", 80_000), ("history_brand", 40_000), ("intention", 30_000),
    ("item", 180_000), ("item_category", 6_929), ("item_shop", 80_000), ("item_brand", 40_000),
    ("item_intention", 30_000), ("match_category", 3_000), ("match_shop", 4_000),
    ("match_brand", 2_000), ("match_intention", 1_873), ("scene", 4),
  ]
  /// Fields with up to three ids, the others have one.
  static let several: Set<String> = [
    "history_category", "history_shop", "history_brand", "intention", "item_intention",
  ]
  /// A chunk of so many rows has a stream of random numbers of its own, so that threads share the work.
  private static let chunkRows = 8192

  /// Writes both files (each appears whole or not at all) and returns the best AUC that the test
  /// file allows. Ids count through all fields from 0. Throws `FileError`.
  package func write(
    train: String, test: String, trainRows: Int = 1_000_000, testRows: Int = 100_000
  ) throws -> [BestAUC] {
    _ = try writeRows(trainRows, stream: 11, to: train, keepsTruth: false)
    return try writeRows(testRows, stream: 12, to: test, keepsTruth: true)
  }

  private func writeRows(
    _ count: Int, stream: UInt64, to path: String, keepsTruth: Bool
  ) throws -> [BestAUC] {
    let file = try AtomicFile(path)
    try file.write(
      "row,click,purchase," + Self.fields.map(\.name).joined(separator: ",") + "\n")
    var truth: [[Double]] = [[], []]
    var labels: [[Bool]] = [[], []]
    let chunks = (max(0, count) + Self.chunkRows - 1) / Self.chunkRows
    let atOnce = 2 * max(1, ProcessInfo.processInfo.activeProcessorCount)
    for start in stride(from: 0, to: chunks, by: atOnce) {
      let results = ChunkResults(min(atOnce, chunks - start))
      concurrently(results.count) { place in
        let first = (start + place) * Self.chunkRows
        results.set(
          place,
          world.chunk(
            rows: first..<min(first + Self.chunkRows, count),
            stream: stream << 40 | UInt64(start + place)))
      }
      for chunk in results.all {
        try file.write(chunk.text)
        guard keepsTruth else { continue }
        for task in 0..<2 {
          truth[task] += chunk.truth[task]
          labels[task] += chunk.labels[task]
        }
      }
    }
    try file.commit()
    return [
      BestAUC("click", truth[0], labels[0]), BestAUC("purchase", truth[1], labels[1]),
    ]
  }
}

/// A place for each chunk that is drawn at the same time.
private final class ChunkResults: Sendable {
  let count: Int
  private let chunks: Guarded<[AdLogWorld.Chunk?]>

  init(_ count: Int) {
    self.count = count
    chunks = Guarded(Array(repeating: nil, count: count))
  }

  func set(_ place: Int, _ chunk: AdLogWorld.Chunk) {
    chunks.withLock { $0[place] = chunk }
  }

  var all: [AdLogWorld.Chunk] { chunks.withLock { $0.compactMap { $0 } } }
}
