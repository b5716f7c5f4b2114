import Data
import Schema
import Testing

/// Tables as other tools write them: delimiters of several characters, escapes, lines that end with a CR,
/// other encodings, parts without rows.
@Suite struct WrittenElsewhereTests {
  private func format(
    _ delimiter: String, quote: String = "\"", escape: String = "",
    encoding: TableFormat.Encoding = .utf8, columns: [String]? = nil
  ) -> TableFormat {
    let bytes = Array(delimiter.utf8)
    return TableFormat(
      delimiter: bytes[0], hasHeader: columns == nil, columns: columns,
      quote: quote.utf8.first ?? 0,
      missing: [], delimiterRest: Array(bytes.dropFirst()), escape: escape.utf8.first ?? 0,
      encoding: encoding)
  }

  @Test func delimitersOfSeveralCharacters() throws {
    let movies = format("::", columns: ["id", "title", "kinds"])
    #expect(
      try readFields(
        "1::Toy Story (1995)::Animation|Children's\n2::A:B::\"x::y\"\r\n3:: c :::\n", movies,
        columns: ["id", "title", "kinds"])
        == [
          ["1", "Toy Story (1995)", "Animation|Children's"], ["2", "A:B", "x::y"], ["3", "c", ":"],
        ])
    #expect(
      try readFields("a¦b\n1¦2\n", format("¦"), columns: ["a", "b"]) == [["1", "2"]])
    #expect(
      try readFields("a\u{1}b\n\"1\u{1}2\"\n", format("\u{1}", quote: ""), columns: ["a", "b"])
        == [["\"1", "2\""]])
  }

  @Test func wrongFieldsOfSeveralCharacters() throws {
    let folder = try TemporaryFolder()
    func text(_ text: String) throws -> String {
      let path = try folder.write(text, "t.csv")
      let declaration = DataDeclaration(
        format: format("::"),
        features: [
          FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1)))
        ], labels: [])
      return message(dataError { _ = try declaration.fit([path]) })
    }
    #expect(try text("a::b\n1::2\n1::2::3\n").hasPrefix("t.csv:3:7: expected 2 fields, found 3"))
    #expect(try text("a::b\n\"1\"::2\n\"1\":2\n").hasPrefix("t.csv:3:4: text after the closing"))
    #expect(try text("a,b\n1,2\n").contains("is the delimiter \",\"?"))
  }

  @Test func escapes() throws {
    let hive = format(",", quote: "", escape: "\\")
    #expect(
      try readFields(
        "a,b\nx\\,y,\\N\n\\\\,z\\\nw\nq,C:\\dir\n", hive, columns: ["a", "b"])
        == [["x,y", "\\N"], ["\\", "z\nw"], ["q", "C:\\dir"]])
    let quoted = format(",", escape: "\\")
    #expect(
      try readFields(
        "a,b\n\"say \\\"hi\\\"\",\"a\"\"b\\\\\"\n\"x,\\\ny\",2\n", quoted, columns: ["a", "b"])
        == [["say \"hi\"", "a\"b\\"], ["x,\ny", "2"]])
  }

  /// Lines are counted through escaped line feeds.
  @Test func placesBehindEscapes() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a,b\nx\\\ny,1\nz,q\n", "t.csv")
    let declaration = DataDeclaration(
      format: format(",", quote: "", escape: "\\"),
      features: [FeatureDeclaration(name: "b", column: "b", kind: .numeric(.none))], labels: [])
    #expect(
      message(dataError { _ = try declaration.fit([path]) }).hasPrefix("t.csv:4:3: \"q\" in column")
    )
  }

  /// The same fields whatever the blocks are, from many threads, as the plain dialect gives.
  @Test func manyBlocks() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<40_000).map { k in
      (k % 7 == 0 ? "v,\(k % 501)" : "v\(k % 501)", k % 11 == 0 ? "a:\(k % 13)" : "b\(k % 97)")
    }
    let plain = rows.map { "\"\($0)\",\($1)\n" }.joined()
    let other = rows.map {
      "\($0.replacing(",", with: "\\,"))::\($1.replacing(":", with: "\\:"))\n"
    }
    .joined()
    func fit(_ text: String, _ format: TableFormat, threads: Int) throws -> FittedData {
      let path = try folder.write(text)
      let declaration = DataDeclaration(
        format: format,
        features: ["a", "b"].map {
          FeatureDeclaration(name: $0, column: $0, kind: .id(.trainingData(minFrequency: 1)))
        }, labels: [])
      return try declaration.fit([path], options: ReadOptions(threads: threads))
    }
    let expected = try fit(plain, format(",", columns: ["a", "b"]), threads: 1)
    for threads in [1, 3] {
      var escaped = format("::", escape: "\\", columns: ["a", "b"])
      escaped.quote = 0
      let fitted = try fit(other.replacing("\\,", with: ","), escaped, threads: threads)
      #expect(fitted.schema.features == expected.schema.features)
      #expect(
        Array(try #require(fitted.dataset.integers(FeedLayout.ids)))
          == Array(try #require(expected.dataset.integers(FeedLayout.ids))))
      let lines = plain.replacing("\n", with: "\r")
      #expect(
        try fit(lines, format(",", columns: ["a", "b"]), threads: threads).schema.features
          == expected.schema.features)
    }
  }

  @Test func linesThatEndWithACR() throws {
    let plain = format(",")
    #expect(
      try readFields("a,b\rx,1\ry,2\r", plain, columns: ["a", "b"]) == [["x", "1"], ["y", "2"]])
    #expect(try readFields("a,b\r\"x\ry\",1", plain, columns: ["a", "b"]) == [["x\ny", "1"]])
    #expect(try readFields("sep=;\ra;b\rx;1\r", format(";"), columns: ["a", "b"]) == [["x", "1"]])
    let dense = TableFormat(layout: .dense, hasHeader: false, columns: ["a", "b"], missing: [])
    #expect(
      try readFields("1 2\r3 4\r", dense, columns: ["a", "b"]) == [["1", "2"], ["3", "4"]])
    // A lone CR in a file of line feeds is none.
    #expect(try readFields("a,b\nx\ry,1\n", plain, columns: ["a", "b"]) == [["x\ry", "1"]])
  }

  @Test func linesOfExcel() throws {
    #expect(try readFields("\"sep=;\"\r\na;b\r\nx;1\r\n", format(";"), columns: ["b"]) == [["1"]])
    #expect(try readFields("sep=::\na::b\nx::1\n", format("::"), columns: ["b"]) == [["1"]])
  }

  // MARK: Encodings

  private static let beijing: [UInt8] = [0xB1, 0xB1, 0xBE, 0xA9]

  private func wide(_ text: String, isBig: Bool, mark: Bool) -> [UInt8] {
    ((mark ? "\u{FEFF}" : "") + text).utf16.flatMap { unit in
      let (low, high) = (UInt8(unit & 255), UInt8(unit >> 8))
      return isBig ? [high, low] : [low, high]
    }
  }

  @Test func encodings() throws {
    func fields(_ bytes: [UInt8], _ encoding: TableFormat.Encoding) throws -> [[String]] {
      try readFields(bytes, format(",", encoding: encoding), columns: ["a", "b"])
    }
    let head = Array("a,b\n".utf8)
    #expect(try fields(head + Self.beijing + Array(",1\n".utf8), .gb18030) == [["北京", "1"]])
    // The second byte of a character may look like a backslash, or like a letter.
    #expect(
      try fields(head + [0x83, 0x65, 0x83, 0x5C, 0x2C, 0x83, 0x67, 10], .shiftJIS) == [["テソ", "ト"]])
    #expect(try fields(head + [0x63, 0xE9, 0x2C, 0x80, 10], .windows1252) == [["cé", "€"]])
    #expect(try fields(head + [0x63, 0xE9, 0x2C, 0xFF, 10], .latin1) == [["cé", "ÿ"]])
    let text = "a,b\nü北,1\n😀,2\n"
    let rows = [["ü北", "1"], ["😀", "2"]]
    for (bytes, encoding) in [
      (wide(text, isBig: false, mark: true), .utf16),
      (wide(text, isBig: true, mark: true), .utf16),
      (wide(text, isBig: false, mark: false), .utf16),
      (wide(text, isBig: false, mark: true), .utf16LittleEndian),
      (wide(text, isBig: false, mark: false), .utf16LittleEndian),
      (wide(text, isBig: true, mark: false), .utf16BigEndian),
    ] as [([UInt8], TableFormat.Encoding)] {
      #expect(try fields(bytes, encoding) == rows, "\(encoding)")
    }
    #expect(
      try fields(wide(text.replacing("\n", with: "\r"), isBig: false, mark: true), .utf16) == rows)
  }

  /// More text than any buffer, with characters across all their ends.
  @Test func longTexts() throws {
    let words = (0..<30_000).map { "字\(String(repeating: "ü", count: $0 % 5))\($0 % 1000)" }
    let text = "a\n" + words.map { $0 + "\n" }.joined()
    let read = try readFields(
      wide(text, isBig: true, mark: true), format(",", encoding: .utf16), columns: ["a"])
    #expect(read.map { $0[0] } == words)
  }

  @Test func bytesThatDoNotFit() throws {
    let folder = try TemporaryFolder()
    func error(_ bytes: [UInt8], _ encoding: TableFormat.Encoding) throws -> String {
      let path = try folder.write(bytes, "t.csv")
      return message(
        dataError {
          _ = try DataDeclaration(
            format: format(",", encoding: encoding),
            features: [
              FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1)))
            ], labels: []
          ).fit([path])
        })
    }
    let head = Array("a,b\nx,1\n".utf8)
    #expect(
      try error(head + [0x79, 0xFF, 0xFF, 10], .gb18030)
        .hasPrefix("t.csv:3:2: the byte 0xff does not fit GB18030 — data.encoding says GB18030"))
    #expect(
      try error(head + [0xB1], .gb18030).contains("t.csv:3:1: the file ends inside a character"))
    #expect(try error(head + [0x83], .shiftJIS).contains("ends inside a character"))
    #expect(
      try error(Array("a,b\n北京上海,1\n".utf8), .gb18030)
        == "t.csv: the file is UTF-8, not GB18030 — remove data.encoding")
    #expect(try error(Array("\u{FEFF}a,b\n".utf8), .latin1).contains("the file is UTF-8"))
    // Three characters of two bytes may be six of one; a fourth is no accident.
    #expect(try error(Array("a,b\né,1\nü,1\nß,1\nx,1\n".utf8), .latin1) == "no error")
    #expect(
      try error(Array("a,b\né,1\nü,1\nß,1\nä,1\nx,1\n".utf8), .latin1)
        .contains("the file is UTF-8"))
    let other = wide("a,b\nx,1\ny,2\n", isBig: true, mark: false)
    #expect(try error(other, .gb18030).contains("the file is UTF-16BE, not GB18030"))
    #expect(try error(other, .utf16).contains("the file is UTF-16BE, not UTF-16"))
    #expect(
      try error(Array(String(repeating: "a,b\n", count: 30).utf8), .utf16)
        .contains("single bytes, not UTF-16"))
    #expect(try error([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], .gb18030).contains("compressed with gzip"))
  }

  @Test func partsWithoutRows() throws {
    let folder = try TemporaryFolder()
    let paths = try ["a\nx\n", "", "a\ny\n"].enumerated().map {
      try folder.write($1, "part-\($0).csv")
    }
    let declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1)))
      ], labels: [])
    #expect(try declaration.fit(paths).dataset.rowCount == 2)
    #expect(message(dataError { _ = try declaration.fit([paths[1]]) }).contains("is empty"))
    let cache = DatasetCache(folder: folder.path + "/cache")
    let schema = try declaration.fit(paths).schema
    #expect(try cache.stream(paths, schema: schema).file.rowCount == 2)
  }

  // MARK: Rows that validate

  @Test func rowsHeldBackByAColumn() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a,day\nx,2024-01-31\ny,2024-02-01\nz,\nw,2024-10-01\n")
    var declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1)))
      ], labels: [],
      validationColumn: ValidationColumn(column: "day", from: .text("2024-02")))
    let fitted = try declaration.fit([path])
    #expect(Array(try #require(fitted.dataset.integers(FeedLayout.heldBack))) == [0, 1, 0, 1])
    // By a fitted schema rows may lack the column, as those of a test file may.
    let other = try folder.write("a\nx\n", "b.csv")
    let rows = try Dataset.read([other], schema: fitted.schema).dataset
    #expect(Array(try #require(rows.integers(FeedLayout.heldBack))) == [0])
    declaration.validationColumn = ValidationColumn(column: "day", from: .number(3))
    #expect(
      dataError { _ = try declaration.fit([path]) }?.description.contains("is not a finite number")
        == true)
    #expect(dataError { _ = try declaration.fit([other]) } != nil)
    let parts = Shuffle.splitLast(count: 10, validationFraction: 0.25)
    #expect(parts.training == Array(0..<7) && parts.validation == [7, 8, 9])
  }
}
