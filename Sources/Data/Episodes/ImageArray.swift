import Schema

/// Images by class, read from a `.npy` file `[class, example, height, width]` of uint8 or f32.
package struct ImageArray: Sendable {
  package let classes: Int
  package let examples: Int
  package let height: Int
  package let width: Int
  private let pixels: Pixels

  private enum Pixels: Sendable {
    case bytes([UInt8])
    case floats([Float])
  }

  /// - Parameter pixels: Row-major in the order of the sizes.
  package init(classes: Int, examples: Int, height: Int, width: Int, pixels: [UInt8]) {
    precondition(pixels.count == classes * examples * height * width, "one pixel for each place")
    self.classes = classes
    self.examples = examples
    self.height = height
    self.width = width
    self.pixels = .bytes(pixels)
  }

  /// Reads a file.
  /// - Throws: `DataError` when the file holds no such array.
  package init(path: String) throws {
    let place = DataError.Place(file: path)
    let bytes: [UInt8]
    do {
      bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw DataError(exists ? "cannot be read" : "there is no such file", at: place)
    }
    try self.init(bytes: bytes, place: place)
  }

  private static func unsuitable(
    _ element: NpyHeader.Element, _ place: DataError.Place
  ) -> DataError {
    DataError(
      "has elements of type \(element.code), expected uint8 (|u1) or f32 (<f4)", at: place)
  }

  init(bytes: [UInt8], place: DataError.Place) throws {
    let header: NpyHeader
    do {
      header = try NpyHeader(bytes)
    } catch {
      throw DataError(error.message, at: place)
    }
    if ![.uint8, .float32].contains(header.element) {
      throw Self.unsuitable(header.element, place)
    }
    guard header.shape.count == 4, header.shape.allSatisfy({ $0 >= 1 }) else {
      throw DataError(
        "has shape \(NpyHeader.text(header.shape)), expected (class, example, height, width)",
        at: place)
    }
    let (size, overflow) = header.count.multipliedReportingOverflow(by: header.elementBytes)
    let found = bytes.count - header.dataOffset
    guard !overflow, found == size else {
      throw DataError(
        "holds \(found) bytes of elements, its shape \(NpyHeader.text(header.shape)) needs"
          + " \(overflow ? "more than can be addressed" : "\(size)")",
        at: place, hint: found < size ? "the file may be truncated" : nil)
    }
    classes = header.shape[0]
    examples = header.shape[1]
    height = header.shape[2]
    width = header.shape[3]
    switch header.element {
    case .bool, .int32, .int64, .float64: throw Self.unsuitable(header.element, place)
    case .uint8: pixels = .bytes(Array(bytes[header.dataOffset...]))
    case .float32:
      let floats = bytes.withUnsafeBytes { raw in
        (0..<header.count).map { index in
          Float(
            bitPattern: UInt32(
              littleEndian: raw.loadUnaligned(
                fromByteOffset: header.dataOffset + 4 * index, as: UInt32.self)))
        }
      }
      if let wrong = floats.firstIndex(where: { !$0.isFinite }) {
        throw DataError("element \(wrong) is not finite", at: place)
      }
      pixels = .floats(floats)
    }
  }

  /// Writes an image, turned by `quarters` quarter turns (square images only). Bytes are scaled to
  /// −1…1, floats are taken as they are.
  func copy(
    _ number: Int, example: Int, quarters: Int, to target: UnsafeMutablePointer<Float>
  ) {
    let size = height * width
    let start = (number * examples + example) * size
    func write(_ value: (Int) -> Float) {
      let side = width
      switch quarters {
      case 1:  // what was right is up
        for i in 0..<side {
          for j in 0..<side { target[i * side + j] = value(start + j * side + side - 1 - i) }
        }
      case 2:
        for k in 0..<size { target[k] = value(start + size - 1 - k) }
      case 3:
        for i in 0..<side {
          for j in 0..<side { target[i * side + j] = value(start + (side - 1 - j) * side + i) }
        }
      default:
        for k in 0..<size { target[k] = value(start + k) }
      }
    }
    switch pixels {
    case .bytes(let bytes): write { Float(bytes[$0]) / 127.5 - 1 }
    case .floats(let floats): write { floats[$0] }
    }
  }

  /// The file of an array of bytes.
  static func npy(
    classes: Int, examples: Int, height: Int, width: Int, pixels: [UInt8]
  ) -> [UInt8] {
    var text =
      "{'descr': '|u1', 'fortran_order': False, 'shape': (\(classes), \(examples), \(height), "
      + "\(width)), }"
    // The elements begin at a multiple of 64 bytes, the header ends with a line break.
    while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    let length = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array(text.utf8) + pixels
  }
}
