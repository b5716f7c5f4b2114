/// Appends values as bytes: little-endian, integers as varints.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []
  /// Floats of each block, where blocks are left out; nil writes them.
  private let omittedFloats: Int?
  /// Where in `bytes` the blocks that are left out belong.
  package private(set) var omissions: [Int] = []
  /// Bytes of what was written, blocks that are left out included.
  package var length: Int { bytes.count + 4 * omissions.count * (omittedFloats ?? 0) }

  /// - Parameter omittedFloats: Floats of each block, for somebody else to write them where they belong; nil
  ///   writes them.
  package init(omittedFloats: Int? = nil) { self.omittedFloats = omittedFloats }

  package mutating func fixed(_ value: UInt32) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func fixed(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Seven bits a byte, the lowest first; the high bit says that more follow.
  package mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  package mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// Floats as their bits, side by side.
  package mutating func floats(_ values: [Float]) {
    varint(UInt64(values.count))
    #if _endian(little)
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for value in values { fixed(value.bitPattern) }
    #endif
  }

  /// The values of a whole parameter block, or of what is laid out as one.
  package mutating func block(_ values: [Float]) {
    guard let omittedFloats else { return floats(values) }
    varint(UInt64(omittedFloats))
    omissions.append(bytes.count)
  }

  package mutating func text(_ value: String) {
    varint(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  /// Appends what `body` writes, its length in bytes (8, fixed) first.
  package mutating func section(_ tag: UInt32, _ body: (inout ByteWriter) -> Void) {
    fixed(tag)
    let place = bytes.count
    fixed(UInt64(0))
    let start = length
    body(&self)
    patch(UInt64(length - start), at: place)
  }

  /// Overwrites the eight bytes at `place`, which must exist.
  package mutating func patch(_ value: UInt64, at place: Int) {
    for byte in 0..<8 { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
  }
}
