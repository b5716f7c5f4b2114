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
    var checksums: [UInt64] = []
    var rows = 0
    var held = 0
    var bytes = 0
    var block = [UInt8](repeating: 0, count: blockRows * StreamFile.rowBytes(layout))
    /// Writes `count` of the rows held, from `first` on.
    func write(_ first: Int, _ count: Int) throws {
      var place = 0
      try block.withUnsafeMutableBytes { target in
        guard let base = target.baseAddress else { return }
        for (k, feed) in layout.feeds.enumerated() {
          let bytes = feed.width * 4
          (base + place).copyMemory(
            from: storage.feeds[k] + first * bytes, byteCount: count * bytes)
          place += count * bytes
        }
        let part = UnsafeRawBufferPointer(rebasing: target[0..<place])
        checksums.append(blockChecksum(part))
        try file.write(part)
      }
    }
    for path in TableParts.filled(files) {
      let reader = try encoder.open(path, damage: options.damage)
      let readsAhead = threads > 1 && reader.source.size != nil
      while case let blocks = try reader.nextBlocks(), !blocks.isEmpty {
        var pieces: [RowPiece] = []
        for block in blocks {
          let runs =
            try options.damage.map { try encoder.goodRows(block, $0) }
            ?? [0..<block.records.rowCount]
          for run in runs {
            pieces.append(RowPiece(block: block, rows: run, target: held))
            held += run.count
            rows += run.count
          }
        }
        try storage.reserve(held)
        let ahead = options.damage == nil ? 4 : 1
        try encoder.encode(
          pieces, into: storage, threads: threads,
          beside: readsAhead ? { reader.readAhead(ahead) } : nil)
        var written = 0
        while held - written >= blockRows {
          try write(written, blockRows)
          written += blockRows
        }
        storage.dropRows(written, of: held)
        held -= written
        guard rows <= Int(Int32.max) else { throw DataError("more than \(Int32.max) rows") }
        options.progress?(bytes + reader.bytesRead)
      }
      bytes += reader.bytesRead
    }
    if held > 0 { try write(0, held) }
    guard rows > 0 else {
      throw DataError("there is no row to learn from", at: files.first.map { .init(file: $0) })
    }
    var head = ByteWriter()
    head.put(key)
    head.put(schema)
    head.put(encoder.statistics(rows: rows, bytes: bytes))
    head.put(rows)
    head.put(blockRows)
    head.put(checksums)
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
