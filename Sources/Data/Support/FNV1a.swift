/// FNV-1a, 64 bit: simple enough to be the same everywhere, which a hash that is part of a plan
/// must be.
package func fnv1a(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
  fnv1a(0xCBF2_9CE4_8422_2325, bytes)
}

/// Goes on with a hash of the bytes before.
func fnv1a(_ start: UInt64, _ bytes: some Sequence<UInt8>) -> UInt64 {
  var hash = start
  for byte in bytes {
    hash ^= UInt64(byte)
    hash = hash &* 0x0000_0100_0000_01B3
  }
  return hash
}
