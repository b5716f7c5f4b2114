/// The header of a `.npy` file: a magic, a version, and a Python dictionary with the type of the
/// elements, their order and the shape. Nothing in it is trusted.
struct NpyHeader: Equatable {
  enum Element: Equatable, CaseIterable {
    case uint8, bool, int32, int64, float32, float64

    /// As the header writes it.
    var code: String {
      switch self {
      case .uint8: "|u1"
      case .bool: "|b1"
      case .int32: "<i4"
      case .int64: "<i8"
      case .float32: "<f4"
      case .float64: "<f8"
      }
    }
  }

  struct Malformed: Error, Equatable {
    var message: String
    /// Whether more bytes may make it good.
    var isTruncated = false
  }

  var element: Element
  var shape: [Int]
  /// Bytes before the first element.
  var dataOffset: Int

  var elementBytes: Int {
    switch element {
    case .uint8, .bool: 1
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }
  /// Checked for overflow when the header was read.
  var count: Int { shape.reduce(1, *) }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let longestHeader = 1 << 16
  private static let mostElements = 1 << 40

  init(_ bytes: [UInt8]) throws(Malformed) {
    guard bytes.starts(with: Self.magic) else {
      throw Malformed(message: "is not a .npy file")
    }
    guard bytes.count >= 10 else {
      throw Malformed(message: "the header is truncated", isTruncated: true)
    }
    let (major, start): (UInt8, Int) = (bytes[6], bytes[6] == 1 ? 10 : 12)
    guard (1...3).contains(major) else {
      throw Malformed(message: "has format version \(major), known are 1 to 3")
    }
    guard bytes.count >= start else {
      throw Malformed(message: "the header is truncated", isTruncated: true)
    }
    let length = (8..<start).reduce(0) { $0 | Int(bytes[$1]) << (8 * ($1 - 8)) }
    guard length <= Self.longestHeader else {
      throw Malformed(message: "says that its header has \(length) bytes")
    }
    guard bytes.count >= start + length else {
      throw Malformed(message: "the header is truncated", isTruncated: true)
    }
    guard let text = String(validating: bytes[start..<start + length], as: UTF8.self) else {
      throw Malformed(message: "the header is not text")
    }
    dataOffset = start + length
    element = try Self.element(text)
    guard let order = Self.value(of: "fortran_order", in: text), order.hasPrefix("False") else {
      throw Malformed(message: "is not in C order; numpy.ascontiguousarray makes it so")
    }
    shape = try Self.shape(text)
    var elements = 1
    for size in shape {
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Self.mostElements else {
        throw Malformed(message: "has an impossible shape \(Self.text(shape))")
      }
      elements = product
    }
  }

  static func text(_ shape: [Int]) -> String {
    "(\(shape.map(String.init).joined(separator: ", ")))"
  }

  private static func element(_ text: String) throws(Malformed) -> Element {
    guard let value = value(of: "descr", in: text) else {
      throw Malformed(message: "the header has no 'descr'")
    }
    let name = value.dropFirst().prefix { $0 != "'" && $0 != "\"" }
    switch name {
    case "u1", "<u1", "=u1": return .uint8
    default:
      if let element = Element.allCases.first(where: { $0.code == name }) { return element }
      throw Malformed(
        message: "has elements of type \(name.prefix(16)),"
          + " expected numbers of a byte, or of 32 or 64 bits in little-endian order")
    }
  }

  private static func shape(_ text: String) throws(Malformed) -> [Int] {
    guard let value = value(of: "shape", in: text), value.first == "(",
      let end = value.firstIndex(of: ")")
    else { throw Malformed(message: "the header has no 'shape'") }
    var sizes: [Int] = []
    for part in value[..<end].dropFirst().split(separator: ",") {
      let digits = part.filter { $0 != " " }
      guard !digits.isEmpty else { continue }
      guard let size = Int(digits), size >= 0 else {
        throw Malformed(message: "has an impossible shape \(value[...end].prefix(80))")
      }
      sizes.append(size)
      guard sizes.count <= 32 else { throw Malformed(message: "has more than 32 axes") }
    }
    return sizes
  }

  /// What follows the colon of a key of the dictionary.
  private static func value(of key: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      guard let range = text.firstRange(of: quote + key + quote) else { continue }
      let rest = text[range.upperBound...].drop { $0 == " " }
      guard rest.first == ":" else { continue }
      return rest.dropFirst().drop { $0 == " " }
    }
    return nil
  }
}
