import Foundation
import Schema

/// A declaration's fitted schema with the rows it was fitted to.
public struct FittedData: Sendable {
  public var schema: DataSchema
  public var dataset: Dataset
  public var statistics: DataStatistics
}

extension DataDeclaration {
  /// Learns vocabularies, normalisers and bucket boundaries from the files, and encodes their
  /// rows, in one reading.
  ///
  /// The rows come out exactly as `Dataset.read` gives them with the fitted schema. Throws
  /// `DataError`, also when there is no row.
  public func fit(_ files: [String], options: ReadOptions = ReadOptions()) throws -> FittedData {
    let encoder = try RowEncoder(fitting: self)
    let (dataset, statistics) = try readRows(files, encoder, options)
    guard dataset.rowCount > 0 else {
      throw DataError("there is no row to learn from", at: files.first.map { .init(file: $0) })
    }
    return FittedData(schema: encoder.schema, dataset: dataset, statistics: statistics)
  }
}

extension Dataset {
  /// Reads and encodes files (`-`: standard input), one after another, as a fitted schema says.
  ///
  /// Without `requireLabels` the columns of labels and of the sample weight may be absent; label
  /// masks are then 0 and weights 1. Throws `DataError`.
  public static func read(
    _ files: [String], schema: DataSchema, requireLabels: Bool = true,
    options: ReadOptions = ReadOptions()
  ) throws -> (dataset: Dataset, statistics: DataStatistics) {
    let encoder = RowEncoder(schema, requireLabels: requireLabels)
    return try readRows(files, encoder, options)
  }
}

private func readRows(
  _ files: [String], _ encoder: RowEncoder, _ options: ReadOptions
) throws -> (dataset: Dataset, statistics: DataStatistics) {
  let storage = try FeedStorage(
    encoder.layout, memoryLimit: options.memoryLimit, extraRowBytes: encoder.extraRowBytes,
    byteFeed: options.keepsBytes ? encoder.byteFeed : nil)
  let limit = options.rowLimit ?? .max
  var rows = 0
  var bytes = 0
  let threads = max(1, options.threads ?? ProcessInfo.processInfo.activeProcessorCount)
  for file in files where rows < limit {
    let reader = try encoder.open(file, damage: options.damage)
    let firstRow = rows
    // A pipe is read when its rows are wanted: whoever writes to it may wait for an answer.
    let readsAhead = threads > 1 && limit == .max && reader.source.size != nil
    while rows < limit {
      let blocks =
        readsAhead
        ? try reader.nextBlocks()
        : try reader.nextBlock(rowLimit: limit - rows) ? [reader.current] : []
      guard let last = blocks.last else { break }
      var pieces: [RowPiece] = []
      var count = 0
      for block in blocks {
        let runs =
          try options.damage.map { try encoder.goodRows(block, $0) }
          ?? [0..<block.records.rowCount]
        for run in runs {
          pieces.append(RowPiece(block: block, rows: run, target: rows + count))
          count += run.count
        }
      }
      var expected = 0
      if let size = reader.source.size, reader.bytesRead > 0 {
        // The first rows tell about how many will come; 2 % more saves the last growth.
        let read = Double(rows - firstRow + count)
        let estimate = read * Double(size) / Double(max(1, reader.bytesRead - last.unread)) * 1.02
        expected = firstRow + Int(min(estimate, Double(min(limit, Int(Int32.max)))))
      }
      try storage.reserve(rows + count, expected: expected)
      // Threads meet seldom, for that takes them as long as some dozens of rows; but damaged records
      // are noted in the order of the file.
      let ahead = options.damage == nil ? 4 : 1
      try encoder.encode(
        pieces, into: storage, threads: threads,
        beside: readsAhead ? { reader.readAhead(ahead) } : nil)
      rows += count
      options.progress?(bytes + reader.bytesRead)
    }
    bytes += reader.bytesRead
  }
  try encoder.finish(rowCount: rows, output: storage, threads: threads)
  try storage.shrink(to: rows)
  if options.keepsBytes { try storage.narrow(rows: rows) }
  return (Dataset(storage, rowCount: rows), encoder.statistics(rows: rows, bytes: bytes))
}
