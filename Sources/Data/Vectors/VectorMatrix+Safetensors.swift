import Schema

extension VectorMatrix {
  /// A matrix of a safetensors file by its name, or the only one. Throws `DataError`.
  init(safetensors path: String, tensor: String?) throws {
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
    do {
      try read(upTo: SafetensorsHeader.lengthBytes)
      let start = try SafetensorsHeader.lengthBytes + SafetensorsHeader.length(bytes)
      guard start <= size else { throw refuse("the header is cut off") }
      try read(upTo: start)
      let header = try SafetensorsHeader(bytes[SafetensorsHeader.lengthBytes...])
      let found = try Self.tensor(tensor, of: header.tensors, refuse)
      let element: Element
      switch found.type {
      case "F32": element = .float32
      case "F64": element = .float64
      case "F16": element = .float16
      case "BF16": element = .bfloat16
      default:
        throw refuse(
          "\(found.title) is of type \(MessageText.printable(String(found.type.prefix(16))))",
          hint: "vectors are F64, F32, F16 or BF16")
      }
      guard found.shape.count == 2 else {
        throw refuse(
          "\(found.title) has the shape \(NpyHeader.text(Array(found.shape.prefix(8)))), expected"
            + " (ids, width)")
      }
      try found.require(bytesEach: element.bytes)
      guard found.place.upperBound <= size - start else {
        throw refuse(
          "the file ends before its tensor \"\(MessageText.printable(found.name))\": it has"
            + " \(size - start) bytes of numbers, \(found.place.upperBound) are needed",
          hint: "the file is cut off")
      }
      self.init(
        path: path, element: element, rows: found.shape[0], columns: found.shape[1],
        offset: start + found.place.lowerBound)
    } catch let fault as SafetensorsHeader.Fault {
      throw refuse(fault.message)
    }
  }

  private static func tensor(
    _ name: String?, of tensors: [SafetensorsHeader.Tensor],
    _ refuse: (String, String?) -> DataError
  ) throws -> SafetensorsHeader.Tensor {
    let names = tensors.map(\.name).sorted()
    let listed = names.prefix(8).map { "\"\(MessageText.printable($0))\"" }.joined(separator: ", ")
    guard let name = name ?? (names.count == 1 ? names.first : nil) else {
      throw refuse(
        "the file holds \(names.count) tensors: \(listed)", "name one in pretrained.tensor")
    }
    guard let tensor = tensors.first(where: { $0.name == name }) else {
      throw refuse(
        "the file has no tensor \"\(MessageText.printable(name))\"; it holds \(listed)",
        NearestName.nearest(name, in: names).map { "did you mean \"\($0)\"?" })
    }
    return tensor
  }
}
