import Foundation
import Schema

/// Encodes text into a stream file, a block at a time.
enum StreamWriter {
  /// Reads the files as a fitted schema says and writes them to `path`, which appears whole or not
  /// at all. Throws `DataError`, `FileError`.
  static func write(
    _ files: [String], schema: DataSchema, key: [UInt8], to path: String, options: ReadOptions
  ) throws {
    let encoder = RowEncoder(schema, requireLabels: true)
    let layout = encoder.layout
    let blockRows = StreamFile.blockRows(layout)
    let threads = max(1, options.threads ?? ProcessInfo.processInfo.activeProcessorCount)
    let file = try AtomicFile(path)
    var fixed = StreamFile.mark
    for word in [StreamFile.version, CacheFile.byteOrder] {
      withUnsafeBytes(of: word) { fixed.append(contentsOf: $0) }
    }
    try file.write(fixed)
    let storage = try FeedStorage(layout, memoryLimit: options.memoryLimit)
    try storage.reserve(blockRows)
    var checksums: [UInt64] = []
    var rows = 0
    var held = 0
    var bytes = 0
    var block = [UInt8](repeating: 0, count: blockRows * StreamFile.rowBytes(layout))
    func flush() throws {
      guard held > 0 else { return }
      var place = 0
      try block.withUnsafeMutableBytes { target in
        guard let base = target.baseAddress else { return }
        for (k, feed) in layout.feeds.enumerated() {
          (base + place).copyMemory(from: storage.feeds[k], byteCount: held * feed.width * 4)
          place += held * feed.width * 4
        }
        let part = UnsafeRawBufferPointer(rebasing: target[0..<place])
        checksums.append(blockChecksum(part))
        try file.write(part)
      }
      held = 0
    }
    for path in files {
      let reader = try encoder.open(path, damage: options.damage)
      while try reader.nextBlock() {
        let records = reader.current.records.rowCount
        let runs =
          try options.damage.map { try encoder.goodRows(reader.current, $0) } ?? [0..<records]
        for run in runs {
          var start = run.lowerBound
          while start < run.upperBound {
            let count = min(run.upperBound - start, blockRows - held)
            try encoder.encode(
              reader.current, rows: start..<start + count, into: storage, at: held,
              threads: threads)
            start += count
            held += count
            rows += count
            if held == blockRows { try flush() }
          }
        }
        guard rows <= Int(Int32.max) else { throw DataError("more than \(Int32.max) rows") }
        options.progress?(bytes + reader.bytesRead)
      }
      bytes += reader.bytesRead
    }
    try flush()
    guard rows > 0 else {
      throw DataError("there is no row to learn from", at: files.first.map { .init(file: $0) })
    }
    var head = ArchiveWriter()
    head.put(key) { $0.put($1) }
    head.put(schema)
    head.put(encoder.statistics(rows: rows, bytes: bytes))
    head.put(rows)
    head.put(blockRows)
    head.put(checksums) { $0.put($1) }
    try file.write(head.bytes)
    let place = StreamFile.fixedBytes + rows * StreamFile.rowBytes(layout)
    let sum = head.bytes.withUnsafeBytes { blockChecksum($0) }
    var trailer: [UInt8] = []
    for word in [UInt64(place), UInt64(head.bytes.count), sum] {
      withUnsafeBytes(of: word) { trailer.append(contentsOf: $0) }
    }
    try file.write(trailer)
    try file.commit()
  }
}
