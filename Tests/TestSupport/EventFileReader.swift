/// Reads event files of TensorBoard as the formats say, apart from what writes them.
package struct EventFileReader {
  package struct Event: Equatable {
    package var time = 0.0
    package var step = 0
    package var version: String?
    package var isStart = false
    package var scalars: [String: Float] = [:]
    package var histograms: [String: Histogram] = [:]
    package var texts: [String: String] = [:]
  }

  package struct Histogram: Equatable {
    /// Least and greatest value, their number, sum and sum of squares.
    package var head: [Double]
    package var limits: [Double]
    package var counts: [Double]

    package init(head: [Double] = [0, 0, 0, 0, 0], limits: [Double] = [], counts: [Double] = []) {
      (self.head, self.limits, self.counts) = (head, limits, counts)
    }
  }

  package struct Damage: Error {
    var text: String
  }

  /// Bit by bit, in the order of the polynomial's definition.
  package static func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
      for bit in 0..<8 {
        let top = remainder & 1 ^ UInt32(byte) >> UInt32(bit) & 1
        remainder >>= 1
        if top == 1 { remainder ^= 0x82F6_3B78 }
      }
    }
    return ~remainder
  }

  /// Throws where a check, a length or a field is wrong.
  package static func events(_ bytes: [UInt8]) throws -> [Event] {
    var events: [Event] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let head = try take(8, of: &rest)
      try check(head, try take(4, of: &rest))
      let body = try take(Int(number(head)), of: &rest)
      try check(body, try take(4, of: &rest))
      events.append(try event(body))
    }
    return events
  }

  private static func check(_ bytes: ArraySlice<UInt8>, _ stored: ArraySlice<UInt8>) throws {
    let crc = crc(bytes)
    let masked = (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    guard UInt64(masked) == number(stored) else { throw Damage(text: "a check differs") }
  }

  private static func take(_ count: Int, of rest: inout ArraySlice<UInt8>) throws -> ArraySlice<
    UInt8
  > {
    guard rest.count >= count else { throw Damage(text: "\(count) bytes are missing") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private enum Field {
    case integer(UInt64)
    case bytes(ArraySlice<UInt8>)

    var double: Double {
      if case .integer(let bits) = self { .init(bitPattern: bits) } else { .nan }
    }
    var body: ArraySlice<UInt8> { if case .bytes(let bytes) = self { bytes } else { [] } }
    var text: String { String(decoding: body, as: UTF8.self) }
    var doubles: [Double] {
      stride(from: body.startIndex, to: body.endIndex, by: 8).map {
        Double(bitPattern: number(body[$0..<($0 + 8)]))
      }
    }
  }

  private static func fields(_ message: ArraySlice<UInt8>) throws -> [(Int, Field)] {
    var rest = message
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for place in 0..<10 {
        let byte = UInt64(try take(1, of: &rest).first ?? 0)
        value |= (byte & 0x7F) << (7 * UInt64(place))
        if byte < 0x80 { return value }
      }
      throw Damage(text: "a number without end")
    }
    var fields: [(Int, Field)] = []
    while !rest.isEmpty {
      let key = try varint()
      let field: Field =
        switch key & 7 {
        case 0: .integer(try varint())
        case 1: .integer(number(try take(8, of: &rest)))
        case 2: .bytes(try take(Int(try varint()), of: &rest))
        case 5: .integer(number(try take(4, of: &rest)))
        default: throw Damage(text: "a field of type \(key & 7)")
        }
      fields.append((Int(key >> 3), field))
    }
    return fields
  }

  private static func event(_ bytes: ArraySlice<UInt8>) throws -> Event {
    var event = Event()
    for (number, field) in try fields(bytes) {
      switch (number, field) {
      case (1, let time): event.time = time.double
      case (2, .integer(let step)): event.step = Int(step)
      case (3, let version): event.version = version.text
      case (5, let summary):
        for (_, value) in try fields(summary.body) { try add(value.body, to: &event) }
      case (7, let log):
        event.isStart = try fields(log.body).contains {
          if case (1, .integer(1)) = $0 { true } else { false }
        }
      default: throw Damage(text: "an event with field \(number)")
      }
    }
    return event
  }

  private static func add(_ value: ArraySlice<UInt8>, to event: inout Event) throws {
    var tag = ""
    for (number, field) in try fields(value) {
      switch (number, field) {
      case (1, let name): tag = name.text
      case (2, .integer(let bits)):
        event.scalars[tag] = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      case (5, let proto):
        var histogram = Histogram()
        for (place, field) in try fields(proto.body) {
          switch place {
          case 1...5: histogram.head[place - 1] = field.double
          case 6: histogram.limits = field.doubles
          default: histogram.counts = field.doubles
          }
        }
        event.histograms[tag] = histogram
      case (8, let tensor):
        event.texts[tag] = try fields(tensor.body).first { $0.0 == 8 }?.1.text
      case (9, _): break
      default: throw Damage(text: "a value with field \(number)")
      }
    }
  }
}
