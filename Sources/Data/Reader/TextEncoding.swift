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
    guard let name = guess(text.prefix(1 << 16)) else {
      return "convert the file to UTF-8 with iconv, from the encoding that its letters are in, as"
        + " MACINTOSH, CP850 or ISO-8859-7"
    }
    if name == .utf8 { return "the rest of the file is UTF-8: correct or remove what is damaged" }
    let file = path == "-" ? "FILE" : MessageText.printable(path)
    return
      "the file seems to be \(name.rawValue): set data.encoding: \"\(name.rawValue)\", or convert"
      + " it: iconv -f \(name.systemName) -t UTF-8 \(file) > NEW"
  }

  /// The encoding that the first bytes of a file are clearly in, where it is another than the declared
  /// one.
  static func contradiction(
    to declared: TableFormat.Encoding, _ start: UnsafeBufferPointer<UInt8>
  ) -> String? {
    let utf8 = TableFormat.Encoding.utf8.rawValue
    if start.starts(with: [0xEF, 0xBB, 0xBF]) { return utf8 }
    if let wide = TextSignature.wideText(start) {
      guard declared.isWide else { return wide }
      // By its mark, or by the zeros in it.
      let order: TableFormat.Encoding =
        start.starts(with: [0xFE, 0xFF]) ? .utf16BigEndian : .utf16LittleEndian
      if wide == TableFormat.Encoding.utf16.rawValue {
        return declared == .utf16 || declared == order ? nil : order.rawValue
      }
      return wide == declared.rawValue || (declared == .utf16 && wide == "UTF-16LE") ? nil : wide
    }
    if declared.isWide {
      // Delimiters and line ends have a zero beside them in UTF-16.
      let text = start.prefix(1 << 10)
      return text.count >= 64 && !text.contains(0) ? "a text of single bytes" : nil
    }
    // Several characters of UTF-8 and nothing else that is not ASCII do not come about in another way.
    let (valid, invalid) = counts(start.prefix(1 << 16))
    return valid >= 4 && invalid == 0 ? utf8 : nil
  }

  /// How many characters of several bytes a text has, and how many errors, as UTF-8.
  static func counts(
    _ text: Slice<UnsafeBufferPointer<UInt8>>
  ) -> (valid: Int, invalid: Int) {
    var (valid, invalid) = (0, 0)
    var parser = Unicode.UTF8.ForwardParser()
    // The last character may be cut off.
    var rest = text.dropLast(text.count >= 4 ? 3 : 0).makeIterator()
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let encoded): valid += encoded.count > 1 ? 1 : 0
      case .error: invalid += 1
      case .emptyInput: return (valid, invalid)
      }
    }
  }
}

extension TextBlock {
  /// What to do about a text of this block that is not UTF-8.
  var encodingHint: String {
    TextEncoding.hint(around: UnsafeBufferPointer(start: buffer, count: length), path: path)
  }
}
