import Schema

/// Where the blocks of floats lie in a plan file, for those who read them piece by piece: weights, optimizer
/// states, the best weights of an early stopping and an average of weights, as far as they are there. Each is laid
/// out as the parameter block.
package struct PlanBlocks: Sendable {
  /// The first byte of each in the file, in the order of the file.
  package let places: [Int]
  /// Of the whole file.
  package let checksum: UInt64

  /// Reads a plan file without holding its blocks.
  ///
  /// - Parameters:
  ///   - size: Bytes of the file.
  ///   - read: So many bytes of the file from a place on; fewer where it ends before.
  /// - Returns: The plan, whose blocks are empty, and where they are. It is valid but for what the blocks hold.
  /// - Throws: `PlanError`, and what `read` throws.
  package static func read(
    size: Int, _ read: @escaping (_ place: Int, _ count: Int) throws -> [UInt8]
  ) throws -> (plan: Plan, blocks: PlanBlocks) {
    let head = try read(0, PlanFormat.headerBytes)
    _ = try PlanDecoder().byteCount(head: head, size: size)
    var version = ByteReader(head, range: PlanFormat.versionPlace..<PlanFormat.lengthPlace)
    let found = try version.fixed32()
    guard PlanFormat.readable.contains(found) else {
      throw PlanError.otherVersion(found: found, supported: PlanFormat.readable)
    }
    let end = size - PlanFormat.checksumBytes
    guard end >= PlanFormat.headerBytes else {
      throw PlanError.truncated(
        expected: UInt64(PlanFormat.headerBytes + PlanFormat.checksumBytes), found: size)
    }
    var sum = Checksum.Stream()
    for place in stride(from: 0, to: end, by: 1 << 20) {
      sum.add(try read(place, min(1 << 20, end - place)))
    }
    let tail = try read(end, PlanFormat.checksumBytes)
    var last = ByteReader(tail, range: 0..<tail.count)
    guard sum.count == end, tail.count == PlanFormat.checksumBytes,
      try last.fixed64() == sum.value
    else {
      throw PlanError.damaged("the checksum does not match the contents")
    }
    do {
      var walk = Walk(end: end, read: read)
      try walk.run()
      let plan = try PlanDecoder().decodeWithoutBlocks(walk.kept)
      guard walk.counts.allSatisfy({ $0 == plan.parameterFloats }) else {
        throw PlanError.damaged("a block is not of the size of the parameter block")
      }
      let findings = PlanValidator(plan, omitsBlocks: true).findings()
      guard findings.isEmpty else { throw PlanError.invalid(findings) }
      return (plan, PlanBlocks(places: walk.blocks, checksum: sum.value))
    } catch let error as DamagedBytes {
      throw PlanError.damaged("\(error)")
    }
  }

  /// Goes through the sections of a file and leaves the blocks out.
  private struct Walk {
    /// Where the last section ends.
    let end: Int
    let read: (Int, Int) throws -> [UInt8]
    /// The file without the blocks, with room for header and checksum.
    var kept = [UInt8](repeating: 0, count: PlanFormat.headerBytes)
    var blocks: [Int] = []
    /// Floats of each block.
    var counts: [Int] = []
    private var place = PlanFormat.headerBytes
    /// Where the section at hand ends.
    private var limit = 0
    /// The most bytes that what is read between two blocks of a section has.
    private static let window = 512

    init(end: Int, read: @escaping (Int, Int) throws -> [UInt8]) {
      (self.end, self.read) = (end, read)
    }

    mutating func run() throws {
      while place < end {
        let bytes = try read(place, min(12, end - place))
        var header = ByteReader(bytes, range: 0..<bytes.count)
        let (tag, length) = (try header.fixed32(), try header.fixed64())
        place += 12
        guard length <= UInt64(end - place) else { throw header.damaged("a section is cut off") }
        limit = place + Int(length)
        let start = kept.count
        var writer = ByteWriter()
        writer.section(tag) { _ in }
        kept += writer.bytes
        let first = blocks.count
        let from = place
        switch PlanFormat.Section(rawValue: tag) {
        case .weights: try passBlock { _ in true }
        case .progress: try passProgress()
        case .average:
          try passBlock {
            _ = try $0.get(WeightsAverage.self)
            guard try $0.get(Bool.self) else { return false }
            _ = try $0.get(Int.self)
            return true
          }
        case .model, .schema, .training, .parameters, .programs, .episodes, .initial, .conflicts,
          .microBatches, nil:
          break
        }
        try keep(from, without: first)
        var size = ByteWriter()
        size.fixed(UInt64(kept.count - start - 12))
        kept.replaceSubrange(start + 4..<start + 12, with: size.bytes)
        place = limit
      }
      kept += [UInt8](repeating: 0, count: PlanFormat.checksumBytes)
    }

    /// Keeps the section from a place on, but for its blocks.
    private mutating func keep(_ start: Int, without first: Int) throws {
      var start = start
      for block in first..<blocks.count {
        kept += try read(start, blocks[block] - start)
        start = blocks[block] + 4 * counts[block]
      }
      kept += try read(start, limit - start)
    }

    /// Passes over a block and over what is before it.
    /// - Parameter before: Reads that, and says whether there is a block.
    private mutating func passBlock(_ before: (inout ByteReader) throws -> Bool) throws {
      let bytes = try read(place, min(Self.window, limit - place))
      var reader = ByteReader(bytes, range: 0..<bytes.count)
      guard try before(&reader) else {
        place += reader.position
        return
      }
      let count = try reader.varint()
      place += reader.position
      guard count <= UInt64((limit - place) / 4) else { throw reader.damaged("a block is cut off") }
      blocks.append(place)
      counts.append(Int(count))
      place += 4 * Int(count)
    }

    /// The beginning of a progress: counts, the states, and the best weights.
    private mutating func passProgress() throws {
      let bytes = try read(place, min(Self.window, limit - place))
      var reader = ByteReader(bytes, range: 0..<bytes.count)
      for _ in 0..<3 { _ = try reader.get(Int.self) }
      let states = try reader.count(ofSize: 1)
      place += reader.position
      for _ in 0..<states { try passBlock { _ in true } }
      try passBlock {
        guard try $0.get(Bool.self), try $0.get(Bool.self) else { return false }
        _ = try $0.get(Int.self)
        _ = try $0.get(Double.self)
        return true
      }
    }
  }
}
