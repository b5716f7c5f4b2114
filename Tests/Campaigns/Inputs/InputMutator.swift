/// Changes bytes of a file in ways that its reader may meet.
struct InputMutator {
  /// Texts that mean something to a reader, or are at the end of a range.
  private static let words: [String] = [
    "\"", "\"\"", "\n", "\r", "\r\n", ",", ";", "\t", "|", ":", "::", "#", " ", "-", "+", ".", "e",
    "1e999",
    "-1e-999", "nan", "inf", "NULL", "\\N", "0x10", "9223372036854775808", "-9223372036854775809",
    "4294967296", "2147483648", "1e30", "0.1", "é", "北", "\u{FEFF}", "\u{0}", "\u{1B}[31m",
    "sep=;\n",
    "qid:", "1:1", "{", "}", "[", "]", "//", "/*", "\\u", "null", "true", "(2, 3)", "'", "<i8",
    "18446744073709551615", "a0..a99999999", "*",
  ]
  private static let raw: [[UInt8]] = [
    [0xFF], [0xC3], [0xC3, 0x28], [0xB1, 0xB1], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    [0xFF, 0xFE], [0x1F, 0x8B], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF],
  ]

  func mutate(_ bytes: [UInt8], _ other: [UInt8], _ test: inout Case) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<(1 + test.random.below(test.random.isOne(in: 4) ? 20 : 3)) {
      change(&bytes, other, &test.random)
      if bytes.count > 1 << 16 { bytes.removeLast(bytes.count - 1 << 16) }
    }
    return bytes
  }

  /// The lines behind the first one many times over, so that there are several blocks.
  func repeated(_ bytes: [UInt8], _ test: inout Case) -> [UInt8] {
    guard let end = bytes.firstIndex(of: 10), end + 1 < bytes.count else { return bytes }
    let body = bytes[(end + 1)...]
    let wanted = 600_000 + test.random.below(1_500_000)
    var all = bytes
    while all.count < wanted { all += body }
    return all
  }

  /// A short text of words.
  func text(_ random: inout Random) -> String {
    (0..<(1 + random.below(3))).map { _ in
      random.pick(Self.words + ["data", "training", "features", "[0]", ".", "name", "model.type"])
    }.joined()
  }

  private func change(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout Random) {
    let place = random.below(bytes.count + 1)
    let end = min(bytes.count, place + 1 + random.below(random.isOne(in: 3) ? 200 : 4))
    switch random.below(12) {
    case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
    case 1: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
    case 2, 3, 4: bytes.insert(contentsOf: Array(random.pick(Self.words).utf8), at: place)
    case 5: bytes.replaceSubrange(place..<end, with: Array(random.pick(Self.words).utf8))
    case 6: bytes.insert(contentsOf: random.pick(Self.raw), at: place)
    case 7: bytes.removeSubrange(place..<end)
    case 8: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count + 1))
    case 9: bytes.removeLast(random.isOne(in: 2) ? min(1, bytes.count) : bytes.count - place)
    case 10:
      let from = random.below(other.count)
      let part = other[from..<min(other.count, from + 1 + random.below(60))]
      bytes.insert(contentsOf: part, at: place)
    default:
      let byte = random.pick(Array("\n,\" \r0\u{0}".utf8))
      let count = random.pick([2, 17, 64, 300, 5000])
      bytes.insert(contentsOf: [UInt8](repeating: byte, count: count), at: place)
    }
  }
}
