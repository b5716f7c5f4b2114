/// Values one after the other as little-endian bytes: what a cache file's head is made of.
struct ArchiveWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
  mutating func put(_ value: Int) { put(UInt64(bitPattern: Int64(value))) }
  mutating func put(_ value: Double) { put(value.bitPattern) }
  mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }
  mutating func put(_ value: UInt8) { bytes.append(value) }
  mutating func put(_ text: String) {
    put(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }
  mutating func put<T>(_ values: [T], _ each: (inout ArchiveWriter, T) -> Void) {
    put(values.count)
    for value in values { each(&self, value) }
  }
  mutating func put<T>(_ value: T?, _ some: (inout ArchiveWriter, T) -> Void) {
    put(value != nil)
    if let value { some(&self, value) }
  }
  mutating func put(_ texts: [String]) { put(texts) { $0.put($1) } }
}

/// Reads what an `ArchiveWriter` wrote; throws at the first thing that cannot be so.
struct ArchiveReader {
  struct Damage: Error {}

  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  /// The bytes must stay valid while the reader is used.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func get() throws -> UInt64 {
    guard bytes.count - position >= 8 else { throw Damage() }
    defer { position += 8 }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
  }
  mutating func get() throws -> Int { Int(Int64(bitPattern: try get() as UInt64)) }
  mutating func get() throws -> Double { Double(bitPattern: try get()) }
  mutating func get() throws -> UInt8 {
    guard position < bytes.count else { throw Damage() }
    defer { position += 1 }
    return bytes[position]
  }
  mutating func get() throws -> Bool {
    switch try get() as UInt8 {
    case 0: false
    case 1: true
    default: throw Damage()
    }
  }
  mutating func get() throws -> String {
    let count: Int = try get()
    guard count >= 0, count <= bytes.count - position else { throw Damage() }
    defer { position += count }
    let text = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    return String(decoding: text, as: UTF8.self)
  }
  mutating func list<T>(_ each: (inout ArchiveReader) throws -> T) throws -> [T] {
    let count: Int = try get()
    // An item takes a byte at least, so a count beyond what is left is no count.
    guard count >= 0, count <= bytes.count - position else { throw Damage() }
    var values: [T] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try each(&self)) }
    return values
  }
  mutating func optional<T>(_ some: (inout ArchiveReader) throws -> T) throws -> T? {
    try get() as Bool ? try some(&self) : nil
  }
  mutating func texts() throws -> [String] { try list { try $0.get() } }
  mutating func choice<T: RawRepresentable>(_ type: T.Type) throws -> T
  where T.RawValue == String {
    guard let value = T(rawValue: try get()) else { throw Damage() }
    return value
  }
}
