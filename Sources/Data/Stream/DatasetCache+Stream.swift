import Schema

extension DatasetCache {
  /// The rows of files in a stream file, written unless a good one is there. Throws `DataError`, and
  /// `FileError` when it cannot be written: there is no other place for rows that do not fit memory.
  package func stream(
    _ files: [String], schema: DataSchema, options: ReadOptions = ReadOptions()
  ) throws -> (file: StreamFile, outcome: Outcome) {
    var key = ByteWriter()
    key.put("stream")
    key.put(schema)
    guard let cache = place(files, schema.format, schema.joins, &key) else {
      throw DataError(
        "only regular files can be streamed", at: files.first.map { .init(file: $0) })
    }
    let path = String(cache.dropLast(4)) + "mtls"
    TemporaryFile.sweep(folder)
    let refusal: CacheFile.Refusal
    do {
      return (try StreamFile(path, key: key.bytes), .opened(path))
    } catch let error as CacheFile.Refusal {
      refusal = error
    }
    try makeFolder()
    try StreamWriter.write(files, schema: schema, key: key.bytes, to: path, options: options)
    do {
      return (try StreamFile(path, key: key.bytes), .built(path, because: refusal.reason))
    } catch {
      throw FileError(path: path, message: "cannot be read back")
    }
  }
}
