/// A value that is stored as bytes. `init(from:)` reads exactly what `encode` writes.
package protocol ByteCodable {
  func encode(to writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws
}

extension ByteWriter {
  package mutating func put(_ value: some ByteCodable) { value.encode(to: &self) }

  /// A case of an enum: its number, which never changes, and what it holds.
  package mutating func put<each Value: ByteCodable>(case code: UInt8, _ values: repeat each Value)
  {
    byte(code)
    repeat put(each values)
  }
}

extension ByteReader {
  package mutating func get<Value: ByteCodable>(_ type: Value.Type = Value.self) throws -> Value {
    try Value(from: &self)
  }
}

extension Int: ByteCodable {
  /// Zigzag: 0, −1, 1, −2 … become 0, 1, 2, 3 …
  package func encode(to writer: inout ByteWriter) {
    let value = Int64(self)
    writer.varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
  package init(from reader: inout ByteReader) throws {
    let bits = try reader.varint()
    let value = Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    guard let exact = Int(exactly: value) else { throw reader.damaged("a number is too large") }
    self = exact
  }
}

extension UInt64: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.fixed(self) }
  package init(from reader: inout ByteReader) throws { self = try reader.fixed64() }
}

extension UInt8: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.byte(self) }
  package init(from reader: inout ByteReader) throws { self = try reader.byte() }
}

extension Bool: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.byte(self ? 1 : 0) }
  package init(from reader: inout ByteReader) throws {
    let value = try reader.byte()
    guard value <= 1 else { throw reader.damaged("a flag is neither 0 nor 1") }
    self = value == 1
  }
}

extension Float: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.fixed(bitPattern) }
  package init(from reader: inout ByteReader) throws { self.init(bitPattern: try reader.fixed32()) }
}

extension Double: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.fixed(bitPattern) }
  package init(from reader: inout ByteReader) throws { self.init(bitPattern: try reader.fixed64()) }
}

extension String: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.text(self) }
  package init(from reader: inout ByteReader) throws { self = try reader.text() }
}

extension Optional: ByteCodable where Wrapped: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(self != nil)
    if let self { writer.put(self) }
  }
  package init(from reader: inout ByteReader) throws {
    self = try reader.get(Bool.self) ? try reader.get(Wrapped.self) : nil
  }
}

extension Array: ByteCodable where Element: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.varint(UInt64(count))
    for element in self { writer.put(element) }
  }
  package init(from reader: inout ByteReader) throws {
    // Every element takes a byte at least, so the count is bounded by the bytes there are.
    let count = try reader.count(ofSize: 1)
    self.init()
    reserveCapacity(Swift.min(count, 64))
    for _ in 0..<count { append(try reader.get()) }
  }
}

extension Range: ByteCodable where Bound == Int {
  package func encode(to writer: inout ByteWriter) {
    writer.put(lowerBound)
    writer.put(upperBound)
  }
  package init(from reader: inout ByteReader) throws {
    let (lower, upper) = (try reader.get(Int.self), try reader.get(Int.self))
    guard lower <= upper else { throw reader.damaged("a range ends before it starts") }
    self = lower..<upper
  }
}

extension ClosedRange: ByteCodable where Bound == Int {
  package func encode(to writer: inout ByteWriter) {
    writer.put(lowerBound)
    writer.put(upperBound)
  }
  package init(from reader: inout ByteReader) throws {
    let (lower, upper) = (try reader.get(Int.self), try reader.get(Int.self))
    guard lower <= upper else { throw reader.damaged("a range ends before it starts") }
    self = lower...upper
  }
}

/// The numbers by which files name the cases of an enum without payload: frozen, unlike the
/// order of declaration.
package protocol ByteCode: ByteCodable, Equatable {
  static var codes: [(UInt8, Self)] { get }
}

extension ByteCode {
  package func encode(to writer: inout ByteWriter) {
    writer.byte(Self.codes.first { $0.1 == self }?.0 ?? 0xFF)
  }
  package init(from reader: inout ByteReader) throws {
    let code = try reader.byte()
    guard let found = Self.codes.first(where: { $0.0 == code }) else {
      throw reader.damaged("\(Self.self) has no case \(code)")
    }
    self = found.1
  }
}
