import ModelDefs

extension Safetensors {
  /// Reads a file. Whatever the bytes are, they are read or refused.
  /// - Throws: what is wrong with which tensor.
  package init(decoding bytes: [UInt8]) throws(ExportError) {
    guard bytes.count >= Self.lengthBytes else {
      throw ExportError("no safetensors file: it has \(bytes.count) bytes")
    }
    let length = bytes[..<Self.lengthBytes].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= min(UInt64(Self.maximumHeaderBytes), UInt64(bytes.count - Self.lengthBytes))
    else {
      throw ExportError(
        "no safetensors file: its header should have \(length) bytes, the file has \(bytes.count)")
    }
    let dataStart = Self.lengthBytes + Int(length)
    let members = try Self.header(Array(bytes[Self.lengthBytes..<dataStart]))
    self.init(tensors: [])
    var places: [Range<Int>] = []
    for member in members {
      if member.key == Self.metadataKey {
        metadata = try Self.texts(member.value)
        continue
      }
      let entry = try Entry(member, dataBytes: bytes.count - dataStart)
      let data = bytes[dataStart + entry.place.lowerBound..<dataStart + entry.place.upperBound]
      tensors.append(Tensor(name: member.key, shape: entry.shape, values: Self.floats(data)))
      places.append(entry.place)
    }
    // Bytes that belong to no tensor or to two are a sign of damage.
    var end = 0
    for place in places.sorted(by: {
      ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }) {
      guard place.lowerBound == end else {
        throw ExportError("the file is damaged: byte \(end) of its values is no tensor's, or two's")
      }
      end = place.upperBound
    }
    guard end == bytes.count - dataStart else {
      throw ExportError(
        "the file is damaged: its tensors have \(end) bytes, it holds \(bytes.count - dataStart)")
    }
  }

  private static func header(_ text: [UInt8]) throws(ExportError) -> [SpecValue.Member] {
    let diagnostics = SpecDiagnostics(file: "")
    let value: SpecValue
    do {
      value = try JSON5Parser.parse(text, diagnostics: diagnostics)
    } catch {
      throw ExportError("its header is no JSON: \(error.message) (character \(error.column))")
    }
    if let finding = diagnostics.findings.first {
      throw ExportError("its header: \(finding.path): \(finding.message)")
    }
    guard let members = value.members else { throw ExportError("its header is no JSON object") }
    return members
  }

  private static func texts(_ value: SpecValue) throws(ExportError) -> [String: String] {
    var texts: [String: String] = [:]
    for member in value.members ?? [] {
      guard case .string(let text) = member.value.content else {
        throw ExportError("the entry \"\(member.key)\" of its metadata is no text")
      }
      texts[member.key] = text
    }
    return texts
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

  /// What the header says of a tensor.
  private struct Entry {
    var shape: [Int]
    /// In the bytes behind the header.
    var place: Range<Int>

    init(_ member: SpecValue.Member, dataBytes: Int) throws(ExportError) {
      let name = "the tensor \"\(member.key)\""
      func integers(_ key: String) throws(ExportError) -> [Int] {
        let elements = member.value.member(key)?.value.elements
        let numbers = elements?.compactMap { element -> Int? in
          if case .integer(let value) = element.content, value >= 0 { value } else { nil }
        }
        guard let numbers, numbers.count == elements?.count else {
          throw ExportError("\(name): \"\(key)\" is no list of sizes")
        }
        return numbers
      }
      guard case .string(let type) = member.value.member("dtype")?.value.content else {
        throw ExportError("\(name) has no \"dtype\"")
      }
      guard type == "F32" else {
        throw ExportError("\(name) has the type \(type)", hint: "write it as F32")
      }
      shape = try integers("shape")
      let offsets = try integers("data_offsets")
      guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= dataBytes else {
        throw ExportError("\(name): its data_offsets \(offsets) lie outside the file")
      }
      place = offsets[0]..<offsets[1]
      var count = 4
      for size in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { throw ExportError("\(name): a shape of \(shape)") }
        count = product
      }
      guard place.count == count else {
        throw ExportError("\(name): \(place.count) bytes for the shape \(shape)")
      }
    }
  }
}
