/// A 64-bit checksum over bytes in eight lanes, fast enough to run over a whole file each time that
/// it is opened. A change within one word always shows, any other with probability 1 − 2⁻⁶⁴.
func blockChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  let multiplier: UInt64 = 0x9FB2_1C65_1E98_DF25
  var lanes = SIMD8<UInt64>(
    0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89,
    0x4528_21E6_38D0_1377, 0xBE54_66CF_34E9_0C6C, 0xC0AC_29B7_C97C_50DD, 0x3F84_D5B5_B547_0917)
  var position = 0
  while bytes.count - position >= 64 {
    let words = bytes.loadUnaligned(fromByteOffset: position, as: SIMD8<UInt64>.self)
    let mixed = (lanes ^ words) &* multiplier
    lanes = (mixed &<< 31) | (mixed &>> 33)
    position += 64
  }
  var result = UInt64(bytes.count)
  func step(_ word: UInt64) {
    let mixed = (result ^ word) &* multiplier
    result = (mixed << 31) | (mixed >> 33)
  }
  for lane in 0..<8 { step(lanes[lane]) }
  while position < bytes.count {
    step(UInt64(bytes[position]))
    position += 1
  }
  return result ^ (result >> 29)
}
