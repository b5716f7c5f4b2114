/// Bytes that do not hold what is read from them.
package struct DamagedBytes: Error, CustomStringConvertible {
  /// What is wrong, with the place: `a text is not UTF-8 at byte 17`.
  package let description: String
}

/// Takes values out of bytes that a `ByteWriter` wrote. Whatever the bytes are, it throws
/// `DamagedBytes` and allocates no more than they can hold.
package struct ByteReader {
  private let bytes: [UInt8]
  package private(set) var position: Int
  private let end: Int
  /// Whether the floats of blocks are left out of the bytes.
  private let omitsBlocks: Bool

  /// The range must lie inside `bytes`.
  package init(_ bytes: [UInt8], range: Range<Int>, omitsBlocks: Bool = false) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    self.omitsBlocks = omitsBlocks
    position = range.lowerBound
    end = range.upperBound
  }

  package var remaining: Int { end - position }

  package func damaged(_ what: String) -> DamagedBytes {
    DamagedBytes(description: "\(what) at byte \(position)")
  }

  package mutating func byte() throws -> UInt8 {
    guard remaining > 0 else { throw damaged("a value is cut off") }
    defer { position += 1 }
    return bytes[position]
  }

  package mutating func fixed32() throws -> UInt32 {
    var value: UInt32 = 0
    for shift in 0..<4 { value |= UInt32(try byte()) << UInt32(8 * shift) }
    return value
  }

  package mutating func fixed64() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in 0..<8 { value |= UInt64(try byte()) << UInt64(8 * shift) }
    return value
  }

  package mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      let bits = UInt64(next & 0x7F)
      guard shift < 63 || (shift == 63 && bits <= 1) else { throw damaged("a number is too large") }
      value |= bits << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  /// The number of items that follow, each of at least `size` bytes.
  package mutating func count(ofSize size: Int) throws -> Int {
    let value = try varint()
    guard value <= UInt64(remaining / size) else { throw damaged("a count is too large") }
    return Int(value)
  }

  package mutating func text() throws -> String {
    let length = try count(ofSize: 1)
    let place = position
    position += length
    guard let text = String(validating: bytes[place..<position], as: UTF8.self) else {
      throw damaged("a text is not UTF-8")
    }
    return text
  }

  package mutating func floats() throws -> [Float] {
    let count = try count(ofSize: 4)
    // An array of nothing is one that all threads share, and its count would be written.
    if count == 0 { return [] }
    #if _endian(little)
      let place = position
      position += 4 * count
      return bytes.withUnsafeBytes { source in
        [Float](unsafeUninitializedCapacity: count) { target, initialized in
          UnsafeMutableRawBufferPointer(target).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[place..<(place + 4 * count)]))
          initialized = count
        }
      }
    #else
      var values: [Float] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(Float(bitPattern: try fixed32())) }
      return values
    #endif
  }

  /// What `ByteWriter.block` wrote; empty where blocks are left out.
  package mutating func block() throws -> [Float] {
    guard omitsBlocks else { return try floats() }
    _ = try varint()
    return []
  }

  /// A reader of the next `length` bytes, which this one passes over.
  package mutating func slice(_ length: UInt64) throws -> ByteReader {
    guard length <= UInt64(remaining) else { throw damaged("a section is cut off") }
    defer { position += Int(length) }
    return ByteReader(
      bytes, range: position..<(position + Int(length)), omitsBlocks: omitsBlocks)
  }
}
