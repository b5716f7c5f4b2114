/// A 64-bit checksum over bytes: four lanes of 8-byte words, each step `lane = rotl((lane ^ word) · p)`
/// with odd p. Every step is a bijection of the lane for a given word and of the word for a given
/// lane, and so is the way in which lanes are joined: a change within one word always changes the
/// result, any other change does with probability 1 − 2⁻⁶⁴.
package enum Checksum {
  private static let multiplier: UInt64 = 0x9FB2_1C65_1E98_DF25
  private static let seeds: (UInt64, UInt64, UInt64, UInt64) = (
    0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89
  )

  package static func of(_ bytes: [UInt8], count: Int) -> UInt64 {
    bytes.withUnsafeBytes { of(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
  }

  package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var stream = Stream()
    stream.add(bytes)
    return stream.value
  }

  /// The checksum of bytes that come piece by piece.
  package struct Stream {
    private var lanes = Checksum.seeds
    /// Bytes so far.
    package private(set) var count = 0
    /// Those behind the last 32 that were taken together; fewer than 32.
    private var rest: [UInt8] = []

    package init() {}

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
      count += bytes.count
      var (lanes, position) = (lanes, 0)
      defer { self.lanes = lanes }
      if !rest.isEmpty {
        position = min(32 - rest.count, bytes.count)
        rest.append(contentsOf: bytes[..<position])
        guard rest.count == 32 else { return }
        rest.withUnsafeBytes { Checksum.take($0, 0, &lanes) }
        rest.removeAll(keepingCapacity: true)
      }
      while bytes.count - position >= 32 {
        Checksum.take(bytes, position, &lanes)
        position += 32
      }
      rest.append(contentsOf: bytes[position...])
    }

    package mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    /// That of all bytes so far.
    package var value: UInt64 {
      var (a, b, c, d) = lanes
      var position = 0
      rest.withUnsafeBytes { rest in
        while rest.count - position >= 8 {
          a = Checksum.step(a, Checksum.word(rest, position))
          position += 8
        }
      }
      var last: UInt64 = 0
      for (place, byte) in rest[position...].enumerated() { last |= UInt64(byte) << (8 * place) }
      a = Checksum.step(a, last)
      b = Checksum.step(Checksum.step(Checksum.step(a, b), c), d)
      b = Checksum.step(b, UInt64(count))
      return b ^ (b >> 29)
    }
  }

  /// Takes 32 bytes into the lanes.
  @inline(__always)
  private static func take(
    _ bytes: UnsafeRawBufferPointer, _ position: Int,
    _ lanes: inout (UInt64, UInt64, UInt64, UInt64)
  ) {
    lanes.0 = step(lanes.0, word(bytes, position))
    lanes.1 = step(lanes.1, word(bytes, position + 8))
    lanes.2 = step(lanes.2, word(bytes, position + 16))
    lanes.3 = step(lanes.3, word(bytes, position + 24))
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = (lane ^ word) &* multiplier
    return (mixed << 31) | (mixed >> 33)
  }
}
