/// The header of a safetensors file (huggingface.co/docs/safetensors): behind 8 bytes with its length,
/// little-endian, a JSON object that gives each tensor a type, a shape and a range of the bytes that
/// follow. Nothing in it is trusted.
package struct SafetensorsHeader: Sendable {
  package struct Tensor: Sendable {
    package var name: String
    /// Its name in the format, as `F32`.
    package var type: String
    package var shape: [Int]
    /// In the bytes behind the header.
    package var place: Range<Int>

    /// Throws where its bytes are not those that its shape needs at so many an element.
    package func require(bytesEach: Int) throws(Fault) {
      var count = bytesEach
      for size in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { throw Fault("\(title) has a shape of \(shape)") }
        count = product
      }
      guard place.count == count else {
        throw Fault("\(title) has \(place.count) bytes for the shape \(shape)")
      }
    }

    /// For messages.
    package var title: String { "the tensor \"\(MessageText.printable(name))\"" }
  }

  /// What is wrong with it.
  package struct Fault: Error {
    package var message: String
    package init(_ message: String) { self.message = message }
  }

  /// The key that holds the metadata.
  package static let metadataKey = "__metadata__"
  /// Bytes of the header's length.
  package static let lengthBytes = 8
  /// Readers of the format refuse longer headers.
  package static let maximumBytes = 100_000_000

  /// In the order of their bytes.
  package private(set) var tensors: [Tensor] = []
  /// Texts about the file by their names.
  package private(set) var metadata: [String: String] = [:]

  /// The length of the header that a file's first bytes tell.
  package static func length(_ bytes: [UInt8]) throws(Fault) -> Int {
    guard bytes.count >= lengthBytes else {
      throw Fault("no safetensors file: it has \(bytes.count) bytes")
    }
    let length = bytes[..<lengthBytes].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumBytes) else {
      throw Fault("no safetensors file: its header would have \(length) bytes")
    }
    return Int(length)
  }

  /// - Parameter json: The bytes behind the length.
  package init(_ json: ArraySlice<UInt8>) throws(Fault) {
    guard let items = try? JSONDecoder().decode([String: Item].self, from: Data(json)) else {
      throw Fault("its header is no JSON object of tensors")
    }
    for (name, item) in items {
      if name != Self.metadataKey {
        tensors.append(try Tensor(name, item))
      } else if let texts = item.texts {
        metadata = texts
      } else {
        throw Fault("its metadata are no texts")
      }
    }
    tensors.sort {
      ($0.place.lowerBound, $0.place.upperBound, $0.name)
        < ($1.place.lowerBound, $1.place.upperBound, $1.name)
    }
  }

  /// A member, whatever it is.
  fileprivate struct Item: Decodable {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    var texts: [String: String]?

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
      texts = try? decoder.singleValueContainer().decode([String: String].self)
      guard let container = try? decoder.container(keyedBy: CodingKeys.self) else { return }
      type = try? container.decode(String.self, forKey: .dtype)
      shape = try? container.decode([Int].self, forKey: .shape)
      offsets = try? container.decode([Int].self, forKey: .offsets)
    }
  }
}

extension SafetensorsHeader.Tensor {
  fileprivate init(
    _ name: String, _ item: SafetensorsHeader.Item
  ) throws(SafetensorsHeader.Fault) {
    self.name = name
    (type, shape, place) = (item.type ?? "", item.shape ?? [], 0..<0)
    func require(_ condition: Bool, _ message: String) throws(SafetensorsHeader.Fault) {
      if !condition { throw SafetensorsHeader.Fault("\(title): \(message)") }
    }
    try require(item.type != nil, "it has no \"dtype\"")
    try require(item.shape?.allSatisfy { $0 >= 0 } == true, "\"shape\" is no list of sizes")
    let offsets = item.offsets ?? []
    try require(
      offsets.count == 2 && offsets[0] >= 0 && offsets[0] <= offsets[1],
      "\"data_offsets\" is no range of bytes")
    place = offsets[0]..<offsets[1]
  }
}
