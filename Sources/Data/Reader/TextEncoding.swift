import Schema

/// Text that is not UTF-8: ids made of it would depend on the encoding, and messages would be
/// unreadable.
enum TextEncoding {
  /// Whether bytes are UTF-8.
  @inline(__always)
  static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in bytes where byte >= 0x80 {
      return String(validating: bytes, as: UTF8.self) != nil
    }
    return true
  }

  /// What to do about a text that is not UTF-8, by what stands around it in the file.
  static func hint(around text: UnsafeBufferPointer<UInt8>, path: String) -> String {
    guard let name = name(text.prefix(1 << 16)) else {
      return "convert the file to UTF-8 with iconv"
    }
    if name == "UTF-8" { return "the rest of the file is UTF-8: correct or remove what is damaged" }
    let file = path == "-" ? "FILE" : MessageText.printable(path)
    return "the file seems to be \(name); convert it: iconv -f \(name) -t UTF-8 \(file) > NEW"
  }

  /// The likely encoding of a text; nil when nothing speaks for one.
  private static func name(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
    var valid = 0
    var parser = Unicode.UTF8.ForwardParser()
    var rest = text.makeIterator()
    var invalid = 0
    scan: while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let encoded): valid += encoded.count > 1 ? 1 : 0
      case .error: invalid += 1
      case .emptyInput: break scan
      }
    }
    if valid > invalid { return "UTF-8" }
    // Runs of bytes that are no ASCII characters, as pairs of bytes.
    var (pairs, chinese, japanese, cyrillic, high, single, runs) = (0, 0, 0, 0, 0, 0, 0)
    var k = text.startIndex
    while k < text.endIndex {
      guard text[k] >= 0x80 else {
        k += 1
        continue
      }
      var end = k
      while end < text.endIndex, text[end] >= 0x80 { end += 1 }
      runs += 1
      single += end - k == 1 ? 1 : 0
      for byte in text[k..<end] {
        high += 1
        cyrillic += byte >= 0xC0 ? 1 : 0
      }
      var place = k
      while place + 1 < text.endIndex, text[place] >= 0x80 {
        let (lead, trail) = (text[place], text[place + 1])
        pairs += 1
        // GB 2312 level 1 and 2; Shift JIS for kana and common signs.
        chinese += 0xB0...0xF7 ~= lead && trail >= 0xA1 ? 1 : 0
        japanese += 0x82...0x83 ~= lead && (trail >= 0x80 || 0x40...0x7E ~= trail) ? 1 : 0
        place += 2
      }
      k = max(end, place)
    }
    guard high > 0 else { return nil }
    if 2 * japanese > pairs { return "SHIFT_JIS" }
    if 2 * single > runs { return "WINDOWS-1252" }
    // Words of Cyrillic letters look like pairs too, of letters from the second half alone.
    let lowLeads = text.count { 0xA1...0xBF ~= $0 }
    if 10 * chinese > 6 * pairs, 10 * lowLeads > high { return "GB18030" }
    if 10 * cyrillic > 9 * high { return "WINDOWS-1251" }
    return chinese > 0 ? "GB18030" : nil
  }
}

extension TextBlock {
  /// What to do about a text of this block that is not UTF-8.
  var encodingHint: String {
    TextEncoding.hint(around: UnsafeBufferPointer(start: buffer, count: length), path: path)
  }
}
