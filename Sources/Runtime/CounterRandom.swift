/// Counter-based uniform numbers: element `i` depends on (seed, stream, step, i) alone, so neither
/// the cut of the work nor the order of the draws matters. The formula is Philox4x32-10 (Salmon et
/// al. 2011) and the same as `mtlc_random` of CKernels: key = (low, high half of the seed), counter
/// = (low, high half of i / 4, low half of the step, stream); element i takes output word i mod 4
/// and becomes (word >> 8)·2⁻²⁴.
package struct CounterRandom: Sendable, Hashable {
  package var seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// Element `index` in [0, 1), a multiple of 2⁻²⁴.
  package func uniform(stream: Int, step: Int, index: Int) -> Float {
    Self.unit(block(stream: stream, step: step, index: index)[index & 3])
  }

  /// `count` elements from element `first` on.
  package func uniforms(stream: Int, step: Int, first: Int = 0, count: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(count)
    var index = first
    while index < first + count {
      let words = block(stream: stream, step: step, index: index)
      let end = Swift.min((index | 3) + 1, first + count)
      for place in index..<end { result.append(Self.unit(words[place & 3])) }
      index = end
    }
    return result
  }

  private func block(stream: Int, step: Int, index: Int) -> SIMD4<UInt32> {
    let group = UInt64(truncatingIfNeeded: index) >> 2
    return Self.philox(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: group), UInt32(truncatingIfNeeded: group >> 32),
        UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: stream)),
      key: seed)
  }

  private static func unit(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }

  /// Philox4x32 with ten rounds.
  package static func philox(counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
    var c = counter
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let first = UInt64(0xD251_1F53) &* UInt64(c[0])
      let second = UInt64(0xCD9E_8D57) &* UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: second >> 32) ^ c[1] ^ k0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c[3] ^ k1, UInt32(truncatingIfNeeded: first))
    }
    return c
  }
}
