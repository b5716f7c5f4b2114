import Schema

extension Safetensors {
  /// The bytes of a file. The values begin at a multiple of 8 bytes, so that they can be used in place.
  package func encoded() -> [UInt8] {
    var header = "{"
    if !metadata.isEmpty {
      let members = metadata.sorted { $0.key < $1.key }
        .map { "\($0.key.quotedAsJSON):\($0.value.quotedAsJSON)" }
      header += "\(SafetensorsHeader.metadataKey.quotedAsJSON):{\(members.joined(separator: ","))}"
    }
    var end = 0
    for tensor in tensors {
      let start = end
      end += 4 * tensor.values.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      header += header.count > 1 ? "," : ""
      header += "\(tensor.name.quotedAsJSON):{\"dtype\":\"F32\",\"shape\":[\(shape)],"
      header += "\"data_offsets\":[\(start),\(end)]}"
    }
    header += "}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(SafetensorsHeader.lengthBytes + header.utf8.count + end)
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes += $0 }
    bytes += header.utf8
    for tensor in tensors {
      tensor.values.map(\.bitPattern.littleEndian).withUnsafeBytes { bytes += $0 }
    }
    return bytes
  }
}
