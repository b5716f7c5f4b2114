import CKernels
import Schema

/// Start values of a parameter. Element `i` depends on (seed, name, i) alone, so that eager runs,
/// plans and fused storage layouts start from the same numbers.
///
/// Each element has one Philox4x32-10 block: the key mixes the seed with the FNV-1a hash of the
/// name, the counter is (low, high half of i, 0, 2³²−1). Its words give two 53-bit uniforms, from
/// which everything is computed in Double and rounded to Float once.
package struct ParameterInitializer: Sendable, Hashable {
  private let key: UInt64

  package init(seed: UInt64, name: String) {
    key = Self.mix(seed &+ Self.mix(Self.fnv1a(name)))
  }

  /// Normal with mean 0 and this standard deviation (Box–Muller).
  package func normal(_ index: Int, deviation: Double) -> Float {
    let (u, v) = uniforms(index)
    // 1 − u lies in (0, 1], where the logarithm is finite.
    let radius = (-2 * log(1 - u)).squareRoot()
    return Float(deviation * radius * cos(2 * Double.pi * v))
  }

  /// Uniform in ±limit.
  package func uniform(_ index: Int, limit: Double) -> Float {
    Float((2 * uniforms(index).0 - 1) * limit)
  }

  /// Elements from `start` on, the same as one by one.
  package func fillNormal(
    _ target: UnsafeMutableBufferPointer<Float>, from start: Int, deviation: Double
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.block) { doubtful in
      inBlocks(target, from: start, scale: deviation) { args in
        args.doubtful = doubtful.baseAddress
        let place = Int(truncatingIfNeeded: args.first)
        for k in 0..<Int(mtlc_normal_values(&args)) {
          let i = Int(doubtful[k])
          args.out[i] = normal(place + i, deviation: deviation)
        }
      }
    }
  }

  /// Elements from `start` on, the same as one by one.
  package func fillUniform(
    _ target: UnsafeMutableBufferPointer<Float>, from start: Int, limit: Double
  ) {
    inBlocks(target, from: start, scale: limit) { args in mtlc_uniform_values(&args) }
  }

  /// Elements that the kernels draw at a time.
  private static let block = 4096

  private func inBlocks(
    _ target: UnsafeMutableBufferPointer<Float>, from start: Int, scale: Double,
    _ body: (inout mtlc_start_values_args) -> Void
  ) {
    guard let out = target.baseAddress else { return }
    for done in stride(from: 0, to: target.count, by: Self.block) {
      var args = mtlc_start_values_args()
      args.key = key
      args.first = UInt64(truncatingIfNeeded: start + done)
      args.count = Int64(min(Self.block, target.count - done))
      args.scale = scale
      args.out = out + done
      body(&args)
    }
  }

  /// FNV-1a, 64 bit, of the UTF-8 bytes.
  package static func fnv1a(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }

  private func uniforms(_ index: Int) -> (Double, Double) {
    let place = UInt64(truncatingIfNeeded: index)
    let words = CounterRandom.philox(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: place), UInt32(truncatingIfNeeded: place >> 32), 0, .max),
      key: key)
    func unit(_ high: UInt32, _ low: UInt32) -> Double {
      Double((UInt64(high) << 32 | UInt64(low)) >> 11) * 0x1p-53
    }
    return (unit(words[0], words[1]), unit(words[2], words[3]))
  }

  /// The finaliser of SplitMix64: every input bit reaches every output bit.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
