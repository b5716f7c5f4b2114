import Schema

/// The header of a safetensors file: 8 bytes with its length, then JSON that gives each tensor a type, a
/// shape and a range of the bytes behind it. Nothing in it is trusted.
struct SafetensorsHeader {
  private struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// An entry that is no tensor, as `__metadata__`.
  private struct Item: Decodable {
    var entry: Entry?
    init(from decoder: any Decoder) throws { entry = try? Entry(from: decoder) }
  }

  private static let longestHeader = 100 << 20

  /// The matrix of a name, or the only one. Throws `DataError`.
  static func matrix(_ path: String, tensor: String?) throws -> VectorMatrix {
    let place = DataError.Place(file: path)
    func refuse(_ message: String, hint: String? = nil) -> DataError {
      DataError(message, at: place, hint: hint)
    }
    let source = try FileSource(path)
    guard let size = source.size else {
      throw refuse("a safetensors file cannot come through a pipe")
    }
    var bytes: [UInt8] = []
    func read(upTo count: Int) throws {
      while bytes.count < count {
        let more = try source.read(count: min(1 << 20, count - bytes.count))
        guard !more.isEmpty else { throw refuse("the header is cut off") }
        bytes += more
      }
    }
    try read(upTo: 8)
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
    guard length <= UInt64(longestHeader) else {
      throw refuse("is not a safetensors file: its header would have \(length) bytes")
    }
    let start = 8 + Int(length)
    guard start <= size else { throw refuse("the header is cut off") }
    try read(upTo: start)
    guard
      let items = try? JSONDecoder().decode(
        [String: Item].self, from: Data(bytes[8..<start]))
    else { throw refuse("the header of the safetensors file cannot be read") }
    let tensors = items.compactMapValues(\.entry)
    let names = tensors.keys.sorted()
    let listed = names.prefix(8).map { "\"\(MessageText.printable($0))\"" }.joined(separator: ", ")
    guard let name = tensor ?? (names.count == 1 ? names.first : nil) else {
      throw refuse(
        "the file holds \(names.count) tensors: \(listed)",
        hint: "name one in pretrained.tensor")
    }
    guard let entry = tensors[name] else {
      let hint = NearestName.nearest(name, in: names).map { "did you mean \"\($0)\"?" }
      throw refuse(
        "the file has no tensor \"\(MessageText.printable(name))\"; it holds \(listed)", hint: hint)
    }
    let element: VectorMatrix.Element
    switch entry.dtype {
    case "F32": element = .float32
    case "F64": element = .float64
    case "F16": element = .float16
    case "BF16": element = .bfloat16
    default:
      throw refuse(
        "the tensor \"\(MessageText.printable(name))\" is of type"
          + " \(MessageText.printable(String(entry.dtype.prefix(16))))",
        hint: "vectors are F64, F32, F16 or BF16")
    }
    guard entry.shape.count == 2, entry.shape.allSatisfy({ (0...1 << 40).contains($0) }) else {
      throw refuse(
        "the tensor \"\(MessageText.printable(name))\" has the shape"
          + " \(NpyHeader.text(Array(entry.shape.prefix(8)))), expected (ids, width)")
    }
    let (count, overflow) = entry.shape[0].multipliedReportingOverflow(by: entry.shape[1])
    guard !overflow, count <= 1 << 40, entry.offsets.count == 2, entry.offsets[0] >= 0,
      entry.offsets[0] <= entry.offsets[1],
      entry.offsets[1] - entry.offsets[0] == count * element.bytes
    else {
      throw refuse(
        "the tensor \"\(MessageText.printable(name))\" has other bytes than its shape"
          + " \(NpyHeader.text(entry.shape)) needs")
    }
    guard entry.offsets[1] <= size - start else {
      throw refuse(
        "the file ends before its tensor \"\(MessageText.printable(name))\": it has"
          + " \(size - start) bytes of numbers, \(entry.offsets[1]) are needed",
        hint: "the file is cut off")
    }
    return VectorMatrix(
      path: path, element: element, rows: entry.shape[0], columns: entry.shape[1],
      offset: start + entry.offsets[0])
  }
}
