/// Writes the wire format of protocol buffers: fields of a number and a type, one after the other.
package struct ProtobufWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  private enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case lengthDelimited = 2
    case fourBytes = 5
  }

  private mutating func key(_ field: UInt64, _ type: WireType) {
    varint(field << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; the high bit says that more follow.
  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  /// A field of type int32, int64 or an enum; negative numbers take ten bytes.
  package mutating func integer(_ field: UInt64, _ value: Int64) {
    key(field, .varint)
    varint(UInt64(bitPattern: value))
  }

  package mutating func float(_ field: UInt64, _ value: Float) {
    key(field, .fourBytes)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  package mutating func double(_ field: UInt64, _ value: Double) {
    key(field, .eightBytes)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  /// A packed list of doubles.
  package mutating func doubles(_ field: UInt64, _ values: [Double]) {
    key(field, .lengthDelimited)
    varint(UInt64(8 * values.count))
    values.map(\.bitPattern.littleEndian).withUnsafeBytes { bytes += $0 }
  }

  /// A text, left out where it is empty, as the format has it for fields of default value.
  package mutating func text(_ field: UInt64, _ value: String) {
    if !value.isEmpty { element(field, value) }
  }

  /// A text of a list, which may be empty.
  package mutating func element(_ field: UInt64, _ value: String) {
    key(field, .lengthDelimited)
    varint(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  package mutating func data(_ field: UInt64, _ value: [UInt8]) {
    key(field, .lengthDelimited)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A message within this one.
  ///
  /// Its length stands before it and is known after it: what the body wrote is moved up in place, so that
  /// large tensors are not held twice.
  package mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
    key(field, .lengthDelimited)
    let start = bytes.count
    body(&self)
    var length = ProtobufWriter()
    length.varint(UInt64(bytes.count - start))
    bytes.insert(contentsOf: length.bytes, at: start)
  }
}
