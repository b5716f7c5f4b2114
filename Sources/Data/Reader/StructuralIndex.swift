/// The positions of the bytes that matter to a table's structure: delimiters, line feeds, quotes.
///
/// Finding them needs no state, so it runs 64 bytes at a time; deciding what each of them means is
/// left to `RecordParser`, which touches only these positions.
struct StructuralIndex {
  /// Bytes that must be readable (of any value) after the last byte that is indexed.
  static let padding = 64

  private(set) var positions: UnsafeMutablePointer<UInt32>
  private(set) var count = 0
  private var capacity: Int

  init() {
    capacity = 0
    positions = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
  }

  func deallocate() { positions.deallocate() }

  /// Indexes `length` bytes from `base`, positions relative to it. `length` is below 2^32 − 64.
  mutating func scan(
    _ base: UnsafePointer<UInt8>, length: Int, delimiter: UInt8, quote: UInt8
  ) {
    if capacity < length + 2 * Self.padding {
      positions.deallocate()
      capacity = length + 2 * Self.padding
      positions = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
    }
    let raw = UnsafeRawPointer(base)
    let delimiters = SIMD16<UInt8>(repeating: delimiter)
    let feeds = SIMD16<UInt8>(repeating: UInt8(ascii: "\n"))
    let quotes = SIMD16<UInt8>(repeating: quote)
    let output = positions
    var written = 0
    var position = 0
    while position < length {
      let chunk = raw + position
      var bits: UInt64 = 0
      for part in 0..<4 {
        let bytes = (chunk + part &* 16).loadUnaligned(as: SIMD16<UInt8>.self)
        let hits = (bytes .== delimiters) .| (bytes .== feeds) .| (bytes .== quotes)
        let words = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
        let pair = Self.gather(words[0]) | Self.gather(words[1]) &<< 8
        bits |= pair &<< UInt64(truncatingIfNeeded: part &* 16)
      }
      if position &+ 64 > length {
        bits &= (1 &<< UInt64(truncatingIfNeeded: length &- position)) &- 1
      }
      // Eight stores at a time without looking at the count mispredict far less than a loop of one.
      var next = written
      written = written &+ bits.nonzeroBitCount
      while bits != 0 {
        for lane in 0..<8 {
          output[next &+ lane] = UInt32(
            truncatingIfNeeded: position &+ bits.trailingZeroBitCount)
          bits &= bits &- 1
        }
        next = next &+ 8
      }
      position = position &+ 64
    }
    count = written
  }

  /// Eight bytes of 0x00 or 0xFF to eight bits, the lowest byte first.
  @inline(__always)
  private static func gather(_ word: UInt64) -> UInt64 {
    ((word & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) &>> 56
  }
}
