import Schema

/// What one thread needs to read and encode batches of a `PredictionReader`, always the same one, which
/// it does not hold: a reader has a lane of its own. Batches are cut off the files by one lane at a time
/// and encoded by all at once; which rows make a batch depends on the files alone.
package final class PredictionLane {
  /// By file; nil for one that this lane had no rows of.
  private var encoders: [RowEncoder?] = []
  /// Text of files, the first of which the present batch uses.
  private var texts: [(file: Int, block: TextBlock)] = []
  private var pieces: [(file: Int, piece: RowPiece)] = []
  private var rowCount = 0
  private var bytesRead = 0
  private var storage: FeedStorage?

  package init() {}

  /// Cuts the next rows off the files; false after the last. No other lane may do so at the same time.
  /// Throws `DataError`.
  package func take(from reader: PredictionReader) throws -> Bool {
    pieces.removeAll(keepingCapacity: true)
    rowCount = 0
    var used = 0
    while rowCount < reader.batchRows {
      let cut = try reader.cut(rowLimit: reader.batchRows - rowCount) { file, table in
        if used == texts.count {
          texts.append((file, table.makeBlock()))
        } else if texts[used].file != file {
          texts[used] = (file, table.makeBlock())
        }
        return texts[used].block
      }
      guard let cut else { break }
      used += 1
      for run in cut.runs {
        pieces.append((cut.file, RowPiece(block: cut.text, rows: run, target: rowCount)))
        rowCount += run.count
      }
      while encoders.count <= cut.file { encoders.append(nil) }
      if encoders[cut.file] == nil { encoders[cut.file] = reader.replica(file: cut.file) }
    }
    bytesRead = reader.bytesRead
    return rowCount > 0
  }

  /// Encodes the rows that were taken, and keeps the text of the kept columns. Throws the first
  /// `DataError` in their order.
  package func batch(of reader: PredictionReader) throws -> PredictionBatch {
    let storage = try room(for: reader)
    var kept = KeptText()
    var start = 0
    while start < pieces.count {
      let file = pieces[start].file
      let end = pieces[start...].firstIndex { $0.file != file } ?? pieces.count
      try encoders[file]?.encode(pieces[start..<end].map(\.piece), into: storage)
      for (_, piece) in pieces[start..<end] { reader.keep(piece.block, piece.rows, in: &kept) }
      start = end
    }
    return PredictionBatch(
      dataset: Dataset(storage, rowCount: rowCount), bytesRead: bytesRead, kept: kept,
      columns: reader.keep.count)
  }

  /// Memory for the rows: that of the last batch, unless someone still holds that.
  private func room(for reader: PredictionReader) throws -> FeedStorage {
    if storage == nil || !isKnownUniquelyReferenced(&storage) {
      storage = try FeedStorage(reader.layout, memoryLimit: reader.memoryLimit)
    }
    guard let storage else { throw DataError("there is no memory for rows") }
    try storage.reserve(rowCount, expected: min(reader.batchRows, 1 << 16))
    return storage
  }
}
