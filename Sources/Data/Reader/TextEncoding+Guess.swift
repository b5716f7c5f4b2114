import Schema

/// Which encoding a text that is not UTF-8 is likely to be in.
extension TextEncoding {
  /// The likely encoding of a text by its first bytes; UTF-8 where most of it is, nil where nothing
  /// speaks for one.
  static func guess(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> TableFormat.Encoding? {
    let (valid, invalid) = counts(text)
    if valid > invalid { return .utf8 }
    if Pairs(text, .shiftJIS).areCommon { return .shiftJIS }
    let big5 = Pairs(text, .big5)
    if big5.areCommon, big5.count >= 4, 10 * big5.plainTrails > big5.count { return .big5 }
    let runs = highRuns(text)
    if 2 * runs.single > runs.count {
      // Mac Roman and the code pages of DOS have their letters below A0, Windows signs.
      let low = text.count { 0x80...0x9F ~= $0 }
      return 2 * low > runs.bytes ? nil : .windows1252
    }
    // Words of Cyrillic letters look like pairs too, of letters from the second half alone.
    let letters = text.count { $0 >= 0xC0 }
    if runs.bytes > 0, 10 * letters > 9 * runs.bytes { return .windows1251 }
    let euc = Pairs(text, .euc)
    if euc.areCommon { return euc.language }
    return euc.common > 0 ? .gb18030 : nil
  }

  /// The encoding that a text seems to be in by its first bytes, where that is another than the
  /// declared one: most texts of two bytes a character fit several encodings. Nil where it cannot be
  /// told.
  static func likelier(
    than declared: TableFormat.Encoding, _ text: Slice<UnsafeBufferPointer<UInt8>>
  ) -> TableFormat.Encoding? {
    guard declared != .utf8, !declared.isWide, text.count(where: { $0 >= 0x80 }) >= fewestBytes,
      let guess = guess(text), guess != declared
    else { return nil }
    switch guess {
    case .utf8, .utf16, .utf16LittleEndian, .utf16BigEndian, .latin1: return nil
    case .windows1252:
      // Many second bytes of the two are ASCII characters, so that the first stand alone.
      switch declared {
      case .latin1, .shiftJIS, .big5: return nil
      case .utf8, .utf16, .utf16LittleEndian, .utf16BigEndian, .windows1252, .windows1251, .gb18030,
        .eucJP, .eucKR:
        return guess
      }
    case .windows1251, .big5, .shiftJIS: return guess
    case .gb18030, .eucJP, .eucKR:
      // They differ in which characters are common alone, and a column may repeat a few.
      let isNear = [.gb18030, .eucJP, .eucKR].contains(declared)
      return isNear && distinctPairs(text) < fewestCharacters ? nil : guess
    }
  }

  /// Different characters from which on they say which language they are of.
  private static let fewestCharacters = 100

  private static func distinctPairs(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    var pairs: Set<UInt16> = []
    var lead: UInt8?
    for byte in text {
      if let first = lead, byte >= 0x80 {
        pairs.insert(UInt16(first) << 8 | UInt16(byte))
        lead = nil
      } else {
        lead = byte >= 0x80 ? byte : nil
      }
    }
    return pairs.count
  }

  /// Bytes beyond ASCII from which on a text says what it is in.
  private static let fewestBytes = 64

  /// Runs of bytes that are no ASCII characters, those of one byte, and all their bytes.
  private static func highRuns(
    _ text: Slice<UnsafeBufferPointer<UInt8>>
  ) -> (single: Int, count: Int, bytes: Int) {
    var (single, count, bytes, length) = (0, 0, 0, 0)
    for byte in text {
      if byte >= 0x80 {
        length += 1
        continue
      }
      count += length > 0 ? 1 : 0
      single += length == 1 ? 1 : 0
      bytes += length
      length = 0
    }
    return (single, count, bytes)
  }
}

/// The characters of two bytes that a text has in an encoding.
private struct Pairs {
  enum Kind { case shiftJIS, euc, big5 }

  /// From so many characters on their places say which language they are of.
  static let manyPairs = 16

  /// All of them, those that texts are mostly made of, and bytes that cannot be.
  private(set) var count = 0
  private(set) var common = 0
  private(set) var wrong = 0
  /// Of Big5, those whose second byte is that of an ASCII character.
  private(set) var plainTrails = 0
  /// Of the form `euc`: kana, and characters from C9 and from D0 on.
  private var (kana, later, last) = (0, 0, 0)

  init(_ text: Slice<UnsafeBufferPointer<UInt8>>, _ kind: Kind) {
    var k = text.startIndex
    while k < text.endIndex {
      let lead = text[k]
      guard lead >= 0x80 else {
        k += 1
        continue
      }
      guard k + 1 < text.endIndex else { return }
      add(lead, text[k + 1], kind)
      // A byte of its own in Shift JIS, and where no character begins.
      k += kind == .shiftJIS && 0xA1...0xDF ~= lead ? 1 : 2
    }
  }

  private mutating func add(_ lead: UInt8, _ trail: UInt8, _ kind: Kind) {
    count += 1
    switch kind {
    case .shiftJIS:
      let isTrail = 0x40...0x7E ~= trail || 0x80...0xFC ~= trail
      let isLead = 0x81...0x9F ~= lead || 0xE0...0xFC ~= lead
      if 0xA1...0xDF ~= lead { return }
      wrong += isLead && isTrail ? 0 : 1
      // Signs, kana, and characters of level 1.
      common += isTrail && (0x81...0x83 ~= lead || 0x88...0x98 ~= lead) ? 1 : 0
    case .euc:
      let isPair = 0xA1...0xFE ~= lead && 0xA1...0xFE ~= trail
      wrong += isPair ? 0 : 1
      common += isPair && (0xA1...0xA5 ~= lead || 0xB0...0xF7 ~= lead) ? 1 : 0
      kana += 0xA4...0xA5 ~= lead ? 1 : 0
      later += lead >= 0xC9 ? 1 : 0
      last += lead >= 0xD0 ? 1 : 0
    case .big5:
      let isTrail = 0x40...0x7E ~= trail || 0xA1...0xFE ~= trail
      wrong += 0xA1...0xF9 ~= lead && isTrail ? 0 : 1
      // Signs and the characters of level 1.
      common += isTrail && 0xA1...0xC6 ~= lead ? 1 : 0
      plainTrails += 0x40...0x7E ~= trail ? 1 : 0
    }
  }

  /// Whether the text is mostly made of common characters.
  var areCommon: Bool { count > 0 && 10 * common > 8 * count && 20 * wrong <= count }

  /// Which of the encodings that put every character into two bytes from A1 on. Korean syllables lie
  /// before C9; of Chinese characters, which are in the order of their sound, every third is from D0 on,
  /// of Japanese ones hardly any.
  var language: TableFormat.Encoding {
    if 12 * kana > count { return .eucJP }
    guard count >= Self.manyPairs, 16 * last <= count else { return .gb18030 }
    return 30 * later <= count ? .eucKR : .eucJP
  }
}
