/// Appends values as bytes: little-endian, integers as varints.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

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

  package mutating func text(_ value: String) {
    varint(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  /// Appends what `body` writes, its length in bytes (8, fixed) first.
  package mutating func section(_ tag: UInt32, _ body: (inout ByteWriter) -> Void) {
    fixed(tag)
    let place = bytes.count
    fixed(UInt64(0))
    body(&self)
    patch(UInt64(bytes.count - place - 8), at: place)
  }

  /// Overwrites the eight bytes at `place`, which must exist.
  package mutating func patch(_ value: UInt64, at place: Int) {
    for byte in 0..<8 { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
  }
}
