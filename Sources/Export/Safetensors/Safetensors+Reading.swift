import Schema

extension Safetensors {
  /// Reads a file. Whatever the bytes are, they are read or refused.
  /// - Throws: what is wrong with which tensor.
  package init(decoding bytes: [UInt8]) throws(ExportError) {
    do throws(SafetensorsHeader.Fault) {
      let dataStart = SafetensorsHeader.lengthBytes + (try SafetensorsHeader.length(bytes))
      guard dataStart <= bytes.count else {
        throw SafetensorsHeader.Fault(
          "the file is cut off: it has \(bytes.count) bytes, its header ends at byte"
            + " \(dataStart)")
      }
      let header = try SafetensorsHeader(bytes[SafetensorsHeader.lengthBytes..<dataStart])
      self.init(tensors: [], metadata: header.metadata)
      let data = bytes[dataStart...]
      // Bytes that belong to no tensor or to two are a sign of damage.
      var end = 0
      for tensor in header.tensors {
        guard tensor.type == "F32" else {
          throw SafetensorsHeader.Fault(
            "\(tensor.title) has the type \(tensor.type); write it as F32")
        }
        try tensor.require(bytesEach: 4)
        guard tensor.place.upperBound <= data.count else {
          throw SafetensorsHeader.Fault(
            "\(tensor.title): its data_offsets \(tensor.place) lie outside the file")
        }
        guard tensor.place.lowerBound == end else {
          throw SafetensorsHeader.Fault(
            "the file is damaged: byte \(end) of its values is no tensor's, or two's")
        }
        end = tensor.place.upperBound
        let values = data[dataStart + tensor.place.lowerBound..<dataStart + end]
        tensors.append(
          Tensor(name: tensor.name, shape: tensor.shape, values: Self.floats(values)))
      }
      guard end == data.count else {
        throw SafetensorsHeader.Fault(
          "the file is damaged: its tensors have \(end) bytes, it holds \(data.count)")
      }
    } catch {
      throw ExportError(error.message)
    }
  }

  private static func floats(_ bytes: ArraySlice<UInt8>) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { k in
        Float(
          bitPattern: UInt32(
            littleEndian: raw.loadUnaligned(fromByteOffset: 4 * k, as: UInt32.self)))
      }
    }
  }
}
