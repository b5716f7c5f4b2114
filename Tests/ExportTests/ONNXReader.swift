import Foundation

/// The wire format of protocol buffers as fields of messages, read without any knowledge of the export.
struct ProtobufMessage {
  enum Value {
    case integer(UInt64)
    case bytes([UInt8])
    case float(Float)
  }
  struct Failure: Error { var description: String }

  /// The values of a field in their order, by its number.
  private(set) var fields: [Int: [Value]] = [:]

  init(_ bytes: [UInt8]) throws {
    var place = 0
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard place < bytes.count else { throw Failure(description: "a number is cut off") }
        let byte = bytes[place]
        place += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      throw Failure(description: "a number is too long")
    }
    while place < bytes.count {
      let key = try varint()
      let field = Int(key >> 3)
      switch key & 7 {
      case 0: fields[field, default: []].append(.integer(try varint()))
      case 2:
        let count = Int(try varint())
        guard count <= bytes.count - place else { throw Failure(description: "a field is cut off") }
        fields[field, default: []].append(.bytes(Array(bytes[place..<place + count])))
        place += count
      case 5:
        guard place + 4 <= bytes.count else { throw Failure(description: "a float is cut off") }
        let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
        fields[field, default: []].append(.float(Float(bitPattern: bits)))
        place += 4
      default: throw Failure(description: "wire type \(key & 7)")
      }
    }
  }

  func integers(_ field: Int) -> [Int] {
    (fields[field] ?? []).compactMap {
      if case .integer(let value) = $0 { Int(Int64(bitPattern: value)) } else { nil }
    }
  }
  func integer(_ field: Int) -> Int? { integers(field).last }
  func data(_ field: Int) -> [[UInt8]] {
    (fields[field] ?? []).compactMap { if case .bytes(let value) = $0 { value } else { nil } }
  }
  func texts(_ field: Int) -> [String] { data(field).map { String(decoding: $0, as: UTF8.self) } }
  func text(_ field: Int) -> String { texts(field).last ?? "" }
  func messages(_ field: Int) throws -> [ProtobufMessage] {
    try data(field).map(ProtobufMessage.init)
  }
}

/// A model as onnx.proto describes it.
struct ReadModel {
  struct Value {
    var name: String
    var element: Int
    /// A size, or the name of a symbolic one.
    var shape: [String]
    var documentation: String
  }
  struct Node {
    var name: String
    var operation: String
    var domain: String
    var inputs: [String]
    var outputs: [String]
    var integers: [String: [Int]] = [:]
    var texts: [String: [String]] = [:]
  }

  var formatVersion: Int
  var producer: String
  var documentation: String
  var operators: [String: Int] = [:]
  var metadata: [String: String] = [:]
  var nodes: [Node] = []
  var inputs: [Value]
  var outputs: [Value]
  var tensors: [String: ReadTensor] = [:]

  /// - Parameter external: the bytes of a file by the name that tensors give.
  init(_ bytes: [UInt8], external: (String) -> [UInt8] = { _ in [] }) throws {
    let model = try ProtobufMessage(bytes)
    formatVersion = model.integer(1) ?? 0
    producer = model.text(2)
    documentation = model.text(6)
    for entry in try model.messages(8) { operators[entry.text(1)] = entry.integer(2) }
    for entry in try model.messages(14) { metadata[entry.text(1)] = entry.text(2) }
    guard let graph = try model.messages(7).first else {
      throw ProtobufMessage.Failure(description: "no graph")
    }
    inputs = try graph.messages(11).map(Self.value)
    outputs = try graph.messages(12).map(Self.value)
    for tensor in try graph.messages(5) {
      var data = tensor.data(9).first
      var places: [String: String] = [:]
      for entry in try tensor.messages(13) { places[entry.text(1)] = entry.text(2) }
      if tensor.integer(14) == 1, let start = places["offset"].flatMap({ Int($0) }),
        let count = places["length"].flatMap({ Int($0) })
      {
        data = Array(external(places["location"] ?? "")[start..<start + count])
      }
      tensors[tensor.text(8)] = try ReadTensor(
        element: tensor.integer(2) ?? 0, shape: tensor.integers(1), bytes: data ?? [])
    }
    for node in try graph.messages(1) {
      var read = Node(
        name: node.text(3), operation: node.text(4), domain: node.text(7), inputs: node.texts(1),
        outputs: node.texts(2))
      for attribute in try node.messages(5) {
        switch attribute.integer(20) {
        case 2: read.integers[attribute.text(1)] = attribute.integers(3)
        case 7: read.integers[attribute.text(1)] = attribute.integers(8)
        case 8: read.texts[attribute.text(1)] = attribute.texts(9)
        default: throw ProtobufMessage.Failure(description: "an attribute of another type")
        }
      }
      nodes.append(read)
    }
  }

  private static func value(_ message: ProtobufMessage) throws -> Value {
    guard let tensor = try message.messages(2).first?.messages(1).first,
      let shape = try tensor.messages(2).first
    else { throw ProtobufMessage.Failure(description: "a value without a type") }
    return Value(
      name: message.text(1), element: tensor.integer(1) ?? 0,
      shape: try shape.messages(1).map { $0.integer(1).map { "\($0)" } ?? $0.text(2) },
      documentation: message.text(3))
  }
}

/// A tensor in double precision, or of texts; masks are 0 and 1.
struct ReadTensor {
  var shape: [Int]
  var numbers: [Double] = []
  var texts: [String] = []

  init(_ shape: [Int], _ numbers: [Double]) {
    self.shape = shape
    self.numbers = numbers
  }

  init(_ shape: [Int], texts: [String]) {
    self.shape = shape
    self.texts = texts
  }

  init(element: Int, shape: [Int], bytes: [UInt8]) throws {
    func words(_ size: Int) -> [UInt64] {
      stride(from: 0, to: bytes.count, by: size).map { start in
        (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
      }
    }
    self.shape = shape
    switch element {
    case 1:
      numbers = words(4).map { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
    case 7: numbers = words(8).map { Double(Int64(bitPattern: $0)) }
    case 11: numbers = words(8).map { Double(bitPattern: $0) }
    default: throw ProtobufMessage.Failure(description: "a tensor of type \(element)")
    }
    guard numbers.count == shape.reduce(1, *) else {
      throw ProtobufMessage.Failure(description: "\(numbers.count) elements for \(shape)")
    }
  }
}
