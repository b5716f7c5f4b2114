import Schema

/// Encoded rows in blocks, for training on more rows than memory holds. A block is a run of rows: the
/// rows of each feed one after the other. The head (key, schema, statistics, rows, a checksum of each
/// block) follows the blocks, since it is known only when all rows were read.
///
///     mark, 8 bytes · version · byte order · blocks · head · place, bytes and checksum of the head
///
/// Words of 8 bytes in the byte order of the machine that wrote them.
package final class StreamFile: @unchecked Sendable {
  static let mark: [UInt8] = [0x89] + Array("MTLS".utf8) + [0x0D, 0x0A, 0x1A]
  static let version: UInt64 = 7
  static let fixedBytes = 24
  static let trailerBytes = 24
  /// About the bytes of a block: few, so that a window has thousands of blocks and is a fair sample of
  /// the file, but enough that reading blocks in random order costs little more than in order.
  static let blockBytes = 1 << 15

  package let path: String
  package let schema: DataSchema
  package let layout: FeedLayout
  package let statistics: DataStatistics
  package let rowCount: Int
  /// Rows of each block but the last.
  package let blockRows: Int
  private let checksums: [UInt64]
  private let file: CachedFile

  package var blockCount: Int { checksums.count }
  /// Bytes of a row in all feeds.
  var rowBytes: Int { Self.rowBytes(layout) }

  static func rowBytes(_ layout: FeedLayout) -> Int {
    layout.feeds.reduce(0) { $0 + $1.width * 4 }
  }

  static func blockRows(_ layout: FeedLayout) -> Int {
    min(1 << 12, max(16, blockBytes / max(1, rowBytes(layout))))
  }

  /// Opens a file and checks its head; a block is checked when it is read. Throws
  /// `CacheFile.Refusal`.
  init(_ path: String, key: [UInt8]?) throws {
    file = try CachedFile(path)
    do {
      let head = try Self.head(file)
      var reader = ByteReader(head, range: 0..<head.count)
      (schema, statistics, rowCount, blockRows, checksums) = try Self.contents(&reader, key)
    } catch is DamagedBytes {
      throw CacheFile.Refusal.damaged("its head makes no sense")
    }
    self.path = path
    layout = schema.feeds
  }

  private static func head(_ file: CachedFile) throws -> [UInt8] {
    guard file.size >= fixedBytes + trailerBytes else {
      throw CacheFile.Refusal.damaged("it is cut off")
    }
    let first = try file.bytes(at: 0, count: fixedBytes).bytes
    func word(_ bytes: [UInt8], _ place: Int) -> UInt64 {
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
    }
    guard first.starts(with: mark) else {
      throw CacheFile.Refusal.damaged("it is no file of encoded rows")
    }
    guard word(first, 16) == CacheFile.byteOrder else {
      throw CacheFile.Refusal.damaged("it was written on a machine of another byte order")
    }
    guard word(first, 8) == version else {
      throw CacheFile.Refusal.damaged("it has version \(word(first, 8))")
    }
    let last = try file.bytes(at: file.size - trailerBytes, count: trailerBytes).bytes
    guard let place = Int(exactly: word(last, 0)), let count = Int(exactly: word(last, 8)),
      place >= fixedBytes, count <= file.size, place == file.size - trailerBytes - count
    else { throw CacheFile.Refusal.damaged("it is cut off") }
    let (head, sum) = try file.bytes(at: place, count: count)
    guard sum == word(last, 16) else { throw CacheFile.Refusal.damaged("its head is damaged") }
    return head
  }

  private static func contents(
    _ reader: inout ByteReader, _ key: [UInt8]?
  ) throws -> (DataSchema, DataStatistics, Int, Int, [UInt64]) {
    let madeFrom = try reader.get([UInt8].self)
    if let key, key != madeFrom { throw CacheFile.Refusal.stale }
    let schema = try reader.get(DataSchema.self)
    let statistics = try reader.get(DataStatistics.self)
    let (rows, blockRows) = (try reader.get(Int.self), try reader.get(Int.self))
    let checksums = try reader.get([UInt64].self)
    guard rows > 0, rows <= Int(Int32.max), blockRows == Self.blockRows(schema.feeds),
      checksums.count == (rows + blockRows - 1) / blockRows, reader.remaining == 0
    else { throw reader.damaged("an impossible number of rows or blocks") }
    return (schema, statistics, rows, blockRows, checksums)
  }

  func rows(of block: Int) -> Int { min(blockRows, rowCount - block * blockRows) }

  /// Reads a block and checks it. Throws `DataError` when it is not what was written.
  func read(_ block: Int, into buffer: UnsafeMutableRawPointer) throws {
    let bytes = UnsafeMutableRawBufferPointer(start: buffer, count: rows(of: block) * rowBytes)
    let place = Self.fixedBytes + block * blockRows * rowBytes
    do {
      guard try file.read(into: bytes, at: place) == checksums[block] else {
        throw CacheFile.Refusal.damaged("it is damaged")
      }
    } catch let refusal as CacheFile.Refusal {
      throw DataError(
        "block \(block) of the encoded rows is not as it was written: \(refusal.reason ?? "")",
        at: .init(file: path), hint: "remove the file; it is then written again")
    }
  }
}
