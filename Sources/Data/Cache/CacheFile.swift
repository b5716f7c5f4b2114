import Schema

/// The file of a cached dataset: a head with its sources and contents, then the feeds as they lie in
/// memory. It is read whole when it is opened.
///
///     mark, 8 bytes · version · byte order · bytes of the head · bytes of the file · checksum of the
///     head (8 bytes each, in the byte order of the machine that wrote them) · head · feeds, each at a
///     multiple of 4096 bytes
///
/// Head: key, schema, statistics, rows, and of each feed its place and its checksum.
enum CacheFile {
  static let mark: [UInt8] = [0x89] + Array("MTLD".utf8) + [0x0D, 0x0A, 0x1A]
  static let version: UInt64 = 7
  /// Reads differently on a machine of the other byte order.
  static let byteOrder: UInt64 = 0x0102_0304_0506_0708
  private static let fixedBytes = 48
  private static let page = 4096

  /// Why a file cannot be used.
  enum Refusal: Error, Hashable {
    case missing
    case stale
    case damaged(String)

    /// What to say of a file that is there.
    var reason: String? {
      switch self {
      case .missing: nil
      case .stale: "its source files or the data section have changed"
      case .damaged(let what): what
      }
    }
  }

  struct Contents {
    var schema: DataSchema
    var statistics: DataStatistics
    var dataset: Dataset
  }

  // MARK: Writing

  /// Writes the file beside its place and renames it. Throws `FileError`.
  static func write(
    _ dataset: Dataset, schema: DataSchema, statistics: DataStatistics, key: [UInt8],
    to path: String
  ) throws {
    var head = ByteWriter()
    head.put(key)
    head.put(schema)
    head.put(statistics)
    head.put(dataset.rowCount)
    let count = head.bytes.count + 24 * dataset.layout.feeds.count
    var place = (fixedBytes + count + page - 1) / page * page
    var places: [Int] = []
    for index in dataset.layout.feeds.indices {
      let bytes = dataset.feedBytes(index)
      for word in [UInt64(place), UInt64(bytes.count), blockChecksum(bytes)] { head.fixed(word) }
      places.append(place)
      place = (place + bytes.count + page - 1) / page * page
    }
    let file = try AtomicFile(path)
    var fixed: [UInt8] = mark
    let sum = head.bytes.withUnsafeBytes { blockChecksum($0) }
    for value in [version, byteOrder, UInt64(head.bytes.count), UInt64(place), sum] {
      withUnsafeBytes(of: value) { fixed.append(contentsOf: $0) }
    }
    try file.write(fixed)
    try file.write(head.bytes)
    var written = fixed.count + head.bytes.count
    for index in dataset.layout.feeds.indices {
      try file.write([UInt8](repeating: 0, count: places[index] - written))
      let bytes = dataset.feedBytes(index)
      try file.write(bytes)
      written = places[index] + bytes.count
    }
    try file.write([UInt8](repeating: 0, count: place - written))
    try file.commit()
  }

  // MARK: Reading

  /// Reads the file and checks all of it. Throws `Refusal`, and `MemoryShortage` when its rows have no
  /// room.
  /// - Parameter key: what it must have been made from; nil takes any.
  static func open(_ path: String, key: [UInt8]?) throws -> Contents {
    let file = try CachedFile(path)
    guard file.size >= fixedBytes else { throw Refusal.damaged("it is not a dataset cache") }
    let fixed = try file.bytes(at: 0, count: fixedBytes).bytes
    guard fixed.starts(with: mark) else { throw Refusal.damaged("it is not a dataset cache") }
    func word(_ index: Int) -> UInt64 {
      fixed.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8 + 8 * index, as: UInt64.self) }
    }
    guard word(1) == byteOrder else {
      throw Refusal.damaged("it was written on a machine of another byte order")
    }
    guard word(0) == version else { throw Refusal.damaged("it has version \(word(0))") }
    guard let headCount = Int(exactly: word(2)), word(3) == UInt64(file.size) else {
      throw Refusal.damaged("it is cut off")
    }
    let (head, sum) = try file.bytes(at: fixedBytes, count: headCount)
    guard sum == word(4) else { throw Refusal.damaged("its head is damaged") }
    do {
      return try contents(head, file, key)
    } catch is DamagedBytes {
      throw Refusal.damaged("its head makes no sense")
    }
  }

  private static func contents(
    _ head: [UInt8], _ file: CachedFile, _ key: [UInt8]?
  ) throws -> Contents {
    var reader = ByteReader(head, range: 0..<head.count)
    let madeFrom = try reader.get([UInt8].self)
    if let key, key != madeFrom { throw Refusal.stale }
    let schema = try reader.get(DataSchema.self)
    let statistics = try reader.get(DataStatistics.self)
    let rows = try reader.get(Int.self)
    let layout = schema.feeds
    guard rows >= 0, rows <= Int(Int32.max), reader.remaining == 24 * layout.feeds.count
    else { throw reader.damaged("an impossible number of rows or feeds") }
    var places: [(place: Int, count: Int, sum: UInt64)] = []
    for feed in layout.feeds {
      let place = Int(truncatingIfNeeded: try reader.fixed64())
      let count = Int(truncatingIfNeeded: try reader.fixed64())
      let (width, overflow) = feed.width.multipliedReportingOverflow(by: 4)
      let (expected, overflow2) = width.multipliedReportingOverflow(by: rows)
      guard !overflow, !overflow2, count == expected, place >= 0, place % page == 0,
        place <= file.size, count <= file.size - place
      else { throw reader.damaged("an impossible place of a feed") }
      places.append((place, count, try reader.fixed64()))
    }
    // Every feed lies in the file, so that the memory is no more than the file.
    let storage = try FeedStorage(layout, memoryLimit: nil)
    try storage.reserve(rows)
    for (k, feed) in layout.feeds.enumerated() {
      let buffer = UnsafeMutableRawBufferPointer(start: storage.feeds[k], count: places[k].count)
      guard try file.read(into: buffer, at: places[k].place) == places[k].sum else {
        throw Refusal.damaged("feed \(feed.name) is damaged")
      }
    }
    return Contents(
      schema: schema, statistics: statistics, dataset: Dataset(storage, rowCount: rows))
  }
}
