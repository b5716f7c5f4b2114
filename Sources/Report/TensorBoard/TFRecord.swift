/// The form of a TFRecord file: each record with its length before it, and a check of both.
package enum TFRecord {
  /// The length (8 bytes, little-endian), its check, the bytes and their check.
  package static func framed(_ bytes: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) }
    return length + check(length) + bytes + check(bytes)
  }

  /// The CRC of bytes, rotated and moved by a constant, so that the check of bytes that hold checks is none
  /// of a simple pattern.
  private static func check(_ bytes: [UInt8]) -> [UInt8] {
    let crc = CRC32C.of(bytes)
    let masked = (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    return withUnsafeBytes(of: masked.littleEndian) { Array($0) }
  }
}
