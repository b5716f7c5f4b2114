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
    var (a, b, c, d) = seeds
    var position = 0
    while bytes.count - position >= 32 {
      a = step(a, word(bytes, position))
      b = step(b, word(bytes, position + 8))
      c = step(c, word(bytes, position + 16))
      d = step(d, word(bytes, position + 24))
      position += 32
    }
    while bytes.count - position >= 8 {
      a = step(a, word(bytes, position))
      position += 8
    }
    var last: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count {
      last |= UInt64(bytes[position]) << shift
      shift += 8
      position += 1
    }
    a = step(a, last)
    var result = step(step(step(a, b), c), d)
    result = step(result, UInt64(bytes.count))
    return result ^ (result >> 29)
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
