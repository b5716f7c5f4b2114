/// A 64-bit checksum over bytes in eight lanes, fast enough to run over a whole file each time that
/// it is opened. A change within one word always shows, any other with probability 1 − 2⁻⁶⁴.
struct BlockChecksum {
  private static let multiplier: UInt64 = 0x9FB2_1C65_1E98_DF25
  private var lanes = SIMD8<UInt64>(
    0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89,
    0x4528_21E6_38D0_1377, 0xBE54_66CF_34E9_0C6C, 0xC0AC_29B7_C97C_50DD, 0x3F84_D5B5_B547_0917)
  private var count = 0
  private var tail: [UInt8] = []

  /// Adds bytes to those before. All but the last are added in multiples of 64.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    precondition(count % 64 == 0, "only the last bytes may end within a word")
    count += bytes.count
    var position = 0
    while bytes.count - position >= 64 {
      let words = bytes.loadUnaligned(fromByteOffset: position, as: SIMD8<UInt64>.self)
      let mixed = (lanes ^ words) &* Self.multiplier
      lanes = (mixed &<< 31) | (mixed &>> 33)
      position += 64
    }
    if position < bytes.count { tail = Array(bytes[position...]) }
  }

  /// Of all bytes so far.
  var value: UInt64 {
    var result = UInt64(count)
    func step(_ word: UInt64) {
      let mixed = (result ^ word) &* Self.multiplier
      result = (mixed << 31) | (mixed >> 33)
    }
    for lane in 0..<8 { step(lanes[lane]) }
    for byte in tail { step(UInt64(byte)) }
    return result ^ (result >> 29)
  }
}

/// The checksum of bytes that are all there.
func blockChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  var sum = BlockChecksum()
  sum.add(bytes)
  return sum.value
}
