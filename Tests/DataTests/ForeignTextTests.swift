import Data
import Schema
import Testing

/// Files that are no UTF-8 table with the declared delimiter: what they are is said, with a way out.
@Suite struct ForeignTextTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func error(
    _ bytes: [UInt8], _ format: TableFormat = TableFormat(), kind: FeatureDeclaration.Kind? = nil,
    labels: [LabelSchema] = [], group: String? = nil
  ) throws -> String {
    let path = try folder.write(bytes, "t.csv")
    let declaration = DataDeclaration(
      format: format,
      features: [
        FeatureDeclaration(
          name: "a", column: "a", kind: kind ?? .id(.trainingData(minFrequency: 1)))
      ], labels: labels, groupColumn: group)
    return message(dataError { _ = try declaration.fit([path]) })
  }

  private func error(_ text: String, _ format: TableFormat = TableFormat()) throws -> String {
    try error(Array(text.utf8), format)
  }

  // Beijing and Shanghai in GBK.
  private static let gbk: [[UInt8]] = [[0xB1, 0xB1, 0xBE, 0xA9], [0xC9, 0xCF, 0xBA, 0xA3]]

  /// Different bytes never become one id, however ids are made.
  @Test(
    arguments: [
      .id(.trainingData(minFrequency: 1)), .id(.list(["x"])), .id(.hash(buckets: 9)),
      .sequence(.trainingData(minFrequency: 1), SequenceLayout(separator: 124, maxLength: 1)),
      .sequence(.hash(buckets: 9), SequenceLayout(separator: 124, maxLength: 3)),
    ] as [FeatureDeclaration.Kind]) func textInGBK(kind: FeatureDeclaration.Kind) throws
  {
    let bytes = Array("a,b\nx,1\n".utf8) + Self.gbk.flatMap { $0 + Array(",1\n".utf8) }
    let text = try error(bytes, kind: kind)
    #expect(
      text.hasPrefix("t.csv:3:1: \"\\x{b1}\\x{b1}\\x{be}\\x{a9}\" in column \"a\" is not UTF-8"))
    #expect(text.contains("set data.encoding: \"GB18030\", or convert it: iconv -f GB18030"))
  }

  @Test func textInOtherColumns() throws {
    let rows: [UInt8] = Self.gbk.flatMap { (text: [UInt8]) in Array("1,".utf8) + text + [10] }
    let bytes = Array("a,b\n".utf8) + rows
    for kind: LabelSchema.Kind in [.positives(["北京"]), .classes(["北京", "上海"])] {
      let label = LabelSchema(task: "t", column: "b", kind: kind)
      #expect(try error(bytes, labels: [label]).contains("t.csv:2:3: "))
      #expect(try error(bytes, labels: [label]).contains("GB18030"))
    }
    #expect(try error(bytes, group: "b").contains("GB18030"))
    // Nobody reads the column.
    #expect(try error(bytes) == "no error")
    #expect(
      try error(Array("a,".utf8) + Self.gbk[0] + Array("\n1,2\n".utf8)).contains("t.csv:1:3: "))
  }

  @Test func otherEncodings() throws {
    func hint(_ cell: [UInt8]) throws -> String {
      try error(Array("a,b\n".utf8) + cell + Array(",1\n".utf8))
    }
    #expect(try hint(Array("caf".utf8) + [0xE9]).contains("iconv -f WINDOWS-1252"))
    #expect(try hint([0xCC, 0xEE, 0xF1, 0xEA, 0xE2, 0xE0]).contains("WINDOWS-1251"))
    #expect(
      try hint([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]).contains("data.encoding: \"Shift-JIS\""))
    // Names of cities.
    for (name, hex) in [
      ("Shift-JIS", "938c8b9e2091e58de32096bc8cc389ae208e44967920959f89aa"),
      ("EUC-JP", "a4c8a4a6a4ada4e7a4a620c2e7bae5"),
      (
        "EUC-JP",
        "c5ecb5fec5d420c2e7bae5c9dc20ccbeb8c5b2b0bbd420bba5cbdabbd420caa1b2acb8a920b2a3c9cdbbd420bfc0b8cdbbd4"
      ),
      (
        "EUC-KR",
        "bcadbfef20bacebbea20b4ebb1b820c0cec3b520b1a4c1d620b4ebc0fc20bfefbbea20bcf6bff820c3a2bff820b0edbee7"
      ),
      ("Big5", "a578a55f20b0aab6af20bb4fa4a420b773a6cb20aae1bdac"),
      (
        "GB18030",
        "b1b1bea920c9cfbaa320b9e3d6dd20c9eedbda20b3c9b6bc20babcd6dd20d6d8c7ec20cee4baba20cef7b0b220ccecbdf2"
      ),
      (
        "Windows-1252",
        "5afc72696368204f726ce9616e73204de16c61676120c672f8204bf66c6e20c4766c6520d6737465727265696368"
      ),
      ("Windows-1251", "cceef1eae2e020cae0e7e0edfc20d1e0ece0f0e020ceecf1ea"),
    ] {
      let digits = Array(hex)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)
      }
      #expect(try hint(bytes).contains("data.encoding: \"\(name)\""), "\(name)")
    }
    // One damaged byte in a file of UTF-8.
    #expect(try hint(Array("北京上海".utf8) + [0xFF]).contains("the rest of the file is UTF-8"))
  }

  private static let cities: [(TableFormat.Encoding, String)] = [
    (
      .shiftJIS,
      "938c8b9e2091e58de32096bc8cc389ae208e44967920959f89aa"
    ),
    (
      .eucKR,
      "bcadbfef20bacebbea20b4ebb1b820c0cec3b520b1a4c1d620b4ebc0fc20bfefbbea20bcf6bff820c3a2bff820b0edbee7"
    ),
    (.big5, "a578a55f20b0aab6af20bb4fa4a420b773a6cb20aae1bdac"),
    (
      .gb18030,
      "b1b1bea920c9cfbaa320b9e3d6dd20c9eedbda20b3c9b6bc20babcd6dd20d6d8c7ec20cee4baba20cef7b0b220ccecbdf2"
    ),
    (.windows1251, "cceef1eae2e020cae0e7e0edfc20d1e0ece0f0e020ceecf1ea"),
  ]

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  /// Texts that fit a declared encoding which is not theirs, as most of two bytes a character fit several.
  @Test func declaredEncodingsThatAreOthers() throws {
    for (name, hex) in Self.cities {
      let row: [UInt8] = Array("x,".utf8) + Self.bytes(hex) + [10]
      let path = try folder.write(
        Array("a,b\n".utf8) + (0..<20).flatMap { _ in row }, "\(name.rawValue).csv")
      for declared: TableFormat.Encoding in [
        .latin1, .windows1252, .windows1251, .gb18030, .big5, .shiftJIS, .eucJP, .eucKR,
      ] {
        let likelier = DeclaredEncoding.likelier(than: declared, in: path)
        // A few characters do not tell the languages of East Asia that share their bytes apart.
        let shared: [TableFormat.Encoding] = [.gb18030, .eucJP, .eucKR]
        let isTold = declared != name && !(shared.contains(name) && shared.contains(declared))
        #expect(likelier == (isTold ? name : nil), "\(name) as \(declared)")
      }
      #expect(DeclaredEncoding.likelier(than: .utf8, in: path) == nil)
    }
    // Many do: the characters of level 1 of GB 2312, and syllables of Korean.
    for (name, leads) in [(TableFormat.Encoding.gb18030, 40), (.eucKR, 24)] {
      var text: [UInt8] = [97, 10]
      for k in 0..<400 {
        text.append(UInt8(0xB0 + k * 7 % leads))
        text.append(UInt8(0xA1 + k * 11 % 94))
      }
      let path = try folder.write(text, "\(name.rawValue)-all.csv")
      for declared: TableFormat.Encoding in [.gb18030, .eucJP, .eucKR] {
        let likelier = DeclaredEncoding.likelier(than: declared, in: path)
        #expect(likelier == (declared == name ? nil : name), "\(name) as \(declared)")
      }
    }
    // Few letters tell nothing, nor do those of Western Europe in either of their encodings.
    let letters: [UInt8] = (0..<90).flatMap { _ in [77, 0xFC, 110, 10] as [UInt8] }
    let western = try folder.write(Array("a\n".utf8) + letters, "w.csv")
    #expect(DeclaredEncoding.likelier(than: .latin1, in: western) == nil)
    #expect(DeclaredEncoding.likelier(than: .gb18030, in: western) == .windows1252)
    #expect(DeclaredEncoding.likelier(than: .gb18030, in: "\(folder.path)/none") == nil)
    #expect(DeclaredEncoding.likelier(than: .gb18030, in: "-") == nil)
  }

  /// The same where a byte does not fit, and where the header has other names for it.
  @Test func errorsOfDeclaredEncodings() throws {
    let end: [UInt8] = [10]
    let names = Self.bytes("b9e3d6ddc9eedbdab3c9b6bccee4babacef7b0b2ccecbdf2")
    let cells: [UInt8] = (0..<40).flatMap { _ in names + end }
    let header = try error(Self.gbk[0] + end + cells, TableFormat(encoding: .big5))
    #expect(
      header.contains("data.encoding says Big5, and the file seems to be GB18030"), "\(header)")
    let unfit: [UInt8] = [0xEC, 0xF1, 10]
    let byte = try error(Array("a\n".utf8) + cells + unfit, TableFormat(encoding: .shiftJIS))
    #expect(byte.contains("and the file seems to be GB18030: set it to that"), "\(byte)")
    #expect(byte.contains("the byte 0x"), "\(byte)")
    let cut = try error(Array("a\n1\n".utf8) + [0xB9], TableFormat(encoding: .gb18030))
    #expect(cut.contains("the file ends inside a character"), "\(cut)")
  }

  /// Letters below A0 are those of Mac Roman and of DOS, signs of Windows.
  @Test func lettersOfOtherMachines() throws {
    let rows: [UInt8] = [77, 0x9F, 110, 44, 49, 10, 75, 0x9A, 108, 110, 44, 49, 10]
    let mac = try error(Array("a,b\n".utf8) + rows)
    #expect(mac.contains("MACINTOSH"), "\(mac)")
  }

  /// A damaged record is left out where that is wanted, and the others are read.
  @Test func damagedTextIsLeftOut() throws {
    let path = try folder.write(Array("a\nx\n".utf8) + [0xFF, 10] + Array("y\n".utf8), "d.csv")
    let declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1)))
      ], labels: [])
    let damage = DamageLog()
    let fitted = try declaration.fit([path], options: ReadOptions(damage: damage))
    #expect(fitted.dataset.rowCount == 2 && damage.count == 1)
    #expect(fitted.schema.features[0].encoder == .id(.vocabulary(["x", "y"])))
    // The same when rows are read by the fitted schema.
    #expect(dataError { _ = try Dataset.read([path], schema: fitted.schema) }?.place?.line == 3)
  }

  @Test func filesOfOtherKinds() throws {
    let wide = "a,b\nx,1\ny,2\n".utf16
    for (bytes, words) in [
      (wide.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, "UTF-16LE"),
      (wide.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }, "UTF-16BE"),
      (wide.flatMap { [UInt8($0 & 255), 0, 0, 0] }, "UTF-32LE"),
      ([0xFF, 0xFE, 0, 0, 97, 0, 0, 0], "UTF-32"),
      (Array("\n <!DOCTYPE html><html>".utf8), "a web page"),
      (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "a Git LFS pointer"),
      ([0x89] + Array("HDF\r\n".utf8), "an HDF5 file"), ([0x80, 4, 0x95, 0, 0], "a Python pickle"),
      (Array("PK\u{3}\u{4}..[Content_Types].xml".utf8), "an Excel workbook"),
      (Array("PK\u{3}\u{4}..a.csv".utf8), "a zip archive"),
      (Array("{\"a\": 1}\n".utf8), "JSON"), (Array("PAR1".utf8), "a Parquet file"),
    ] as [([UInt8], String)] {
      #expect(try error(bytes).hasPrefix("t.csv: the file is \(words)"), "\(words)")
      // The other formats of text are looked at too.
      for layout: TableFormat.Layout in [.dense, .libsvm, .slots] {
        let format = TableFormat(layout: layout, hasHeader: false, columns: ["a"])
        #expect(try error(bytes, format).contains("the file is \(words)"), "\(words) \(layout)")
      }
    }
    let format = TableFormat(layout: .dense, hasHeader: false, columns: ["a", "b"])
    #expect(try error("\u{FEFF}1 2\n3 4\n", format) == "no error")
  }

  @Test func lineOfExcelWithTheDelimiter() throws {
    let format = TableFormat(delimiter: UInt8(ascii: ";"))
    for start in ["sep=;\n", "\u{FEFF}sep=;\r\n"] {
      #expect(try error("\(start)a;b\nx;1\n", format) == "no error")
      #expect(try error("\(start)a;b\nx;1\ny\n", format).hasPrefix("t.csv:4:"))
    }
    let other = try error("sep=;\na,b\nx,1\n")
    #expect(other.hasPrefix("t.csv:1: the first line says that the delimiter is \";\""))
  }

  /// Where the spec names none, the line chooses the delimiter of its file.
  @Test func lineOfExcelThatChooses() throws {
    let format = TableFormat(takesNamedDelimiter: true)
    for text in [
      "sep=;\na;b\nx;1\ny;2\n", "\u{FEFF}sep=;\r\n\"a\";b\r\nx;1\r\n\"y\";2\r\n",
      "\"sep=\t\"\na\tb\nx\t1\ny\t2\n", "sep=::\na::b\nx::1\ny::2\n", "sep=,\na,b\nx,1\ny,2\n",
      "a,b\nx,1\ny,2\n", "sep=;\ra;b\rx;1\ry;2\r",
    ] {
      #expect(
        try readFields(text, format, columns: ["a", "b"]) == [["x", "1"], ["y", "2"]], "\(text)")
    }
    // Many blocks, whose lines keep their numbers.
    let rows = (0..<60_000).map { "u\($0);\($0 % 7)" }.joined(separator: "\n")
    #expect(try readFields("sep=;\na;b\n\(rows)", format, columns: ["b"]).count == 60_000)
    #expect(try error("sep=;\na;b\n\(rows)\nx\n", format).hasPrefix("t.csv:60003:"))
    #expect(try error("sep=\"\na,b\nx,1\n", format).hasPrefix("t.csv:1: the first line says"))
  }

  @Test func wrongDelimiters() throws {
    #expect(try error("a;b;c\n1;2;3\n").contains("\"a;b;c\": is the delimiter \";\"?"))
    #expect(try error("a\tb\n1\t2\n").contains("data.format: \"tsv\""))
    #expect(try error("a b c\n1 2 3\n").contains("is the delimiter \" \"?"))
    #expect(try error("a::b::c\n1::2::3\n").contains("is the delimiter \"::\"?"))
    let listed = TableFormat(
      delimiter: UInt8(ascii: ":"), hasHeader: false, columns: ["a", "b", "c"])
    #expect(try error("1::2::3\n", listed).contains("is the delimiter \"::\"?"))
    #expect(try error("a,b\rx,1\r\n").contains("t.csv:1:3: the header holds a CR"))
    #expect(try error("a,b\nx,1,\n").contains("the line ends with a delimiter"))
    #expect(try error("a,b\n\"x \\\"y\\\" z\",1\n").contains("set data.escape: \"\\\\\""))
  }

  /// What looks like a number to a person, each with its own hint.
  @Test(arguments: [
    ("7,5", "\"decimal\""), ("1,234.50", "\"thousands\""), ("nan", "data.missing"),
    ("1.234.567,8", "\"thousands\""), ("12 %", "units such as"), ("$12", "units such as"),
    ("2024-05-01", "dates and times"), ("01.05.2024 12:00", "dates and times"),
    ("12:30", "dates and times"), ("", "add \"\" to data.missing"),
  ]) func unreadableNumbers(text: String, words: String) throws {
    let format = TableFormat(missing: [])
    let found = try error(Array("a,b\n\"\(text)\",1\n".utf8), format, kind: .numeric(.none))
    #expect(found.contains(words), "\(found)")
  }

  @Test(arguments: [
    ("nan", "data.missing"), ("?", "data.missing"), ("yes", "\"positive\""), ("0.3", "mse"),
  ]) func labelsThatAreNone(text: String, words: String) throws {
    let label = LabelSchema(task: "t", column: "b", kind: .binary)
    let found = try error(Array("a,b\nx,\(text)\n".utf8), labels: [label])
    #expect(found.contains("neither 0 nor 1") && found.contains(words), "\(found)")
  }
}
