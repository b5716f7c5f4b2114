extension TableFormat {
  /// How the characters of a text file are written as bytes.
  public enum Encoding: String, Sendable, Hashable, CaseIterable {
    case utf8 = "UTF-8"
    /// In the order of bytes that the file's mark says, or little-endian.
    case utf16 = "UTF-16"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
    /// ISO 8859-1.
    case latin1 = "Latin-1"
    case windows1252 = "Windows-1252"
    case windows1251 = "Windows-1251"
    /// Holds GBK and GB 2312.
    case gb18030 = "GB18030"
    case big5 = "Big5"
    /// With the additions of Windows (code page 932).
    case shiftJIS = "Shift-JIS"
    case eucJP = "EUC-JP"
    case eucKR = "EUC-KR"
  }
}

extension TableFormat.Encoding {
  /// An encoding by its name in any spelling: case, blanks, `-` and `_` do not matter. GBK and GB 2312,
  /// which GB18030 holds, are names of it.
  package init?(spelled name: String) {
    func plain(_ text: String) -> String {
      text.lowercased().filter { !"-_ ".contains($0) }
    }
    let wanted = plain(name)
    let others: [String: Self] = [
      "gbk": .gb18030, "gb2312": .gb18030, "cp936": .gb18030, "sjis": .shiftJIS,
      "cp932": .shiftJIS, "iso88591": .latin1, "cp1252": .windows1252, "cp1251": .windows1251,
    ]
    guard let found = Self.allCases.first(where: { plain($0.rawValue) == wanted }) ?? others[wanted]
    else { return nil }
    self = found
  }

  /// What `iconv` calls it.
  package var systemName: String {
    switch self {
    case .latin1: "ISO-8859-1"
    case .windows1252: "WINDOWS-1252"
    case .windows1251: "WINDOWS-1251"
    case .shiftJIS: "CP932"
    case .big5: "BIG5-HKSCS"
    case .utf8, .utf16, .utf16LittleEndian, .utf16BigEndian, .gb18030, .eucJP, .eucKR: rawValue
    }
  }

  /// Whether characters are units of two bytes.
  package var isWide: Bool {
    switch self {
    case .utf16, .utf16LittleEndian, .utf16BigEndian: true
    case .utf8, .latin1, .windows1252, .windows1251, .gb18030, .big5, .shiftJIS, .eucJP, .eucKR:
      false
    }
  }

  /// The number of the encoding in files that hold a schema. It must never change.
  package var code: UInt8 {
    switch self {
    case .utf8: 0
    case .utf16: 1
    case .utf16LittleEndian: 2
    case .utf16BigEndian: 3
    case .latin1: 4
    case .windows1252: 5
    case .windows1251: 6
    case .gb18030: 7
    case .big5: 8
    case .shiftJIS: 9
    case .eucJP: 10
    case .eucKR: 11
    }
  }
}
