import Data
import Schema
import Testing

/// Each feature of the text tables that are read.
@Suite struct DialectTests {
  private let columns = ["a", "b", "c"]

  @Test func plainTable() throws {
    #expect(
      try readFields("a,b,c\n1,2,3\nx,y,z\n", columns: columns)
        == [["1", "2", "3"], ["x", "y", "z"]])
  }

  @Test func lastLineWithoutLineFeed() throws {
    #expect(try readFields("a,b,c\n1,2,3", columns: columns) == [["1", "2", "3"]])
    #expect(try readFields("a,b,c\n1,2,\"3\"", columns: columns) == [["1", "2", "3"]])
  }

  @Test func windowsLineEnds() throws {
    #expect(
      try readFields("a,b,c\r\n1,2,3\r\n\r\n4,\"5\",\"6\"\r\n", columns: columns)
        == [["1", "2", "3"], ["4", "5", "6"]])
  }

  @Test func byteOrderMark() throws {
    #expect(try readFields("\u{FEFF}a,b,c\n1,2,3\n", columns: columns) == [["1", "2", "3"]])
    #expect(try readFields("\u{FEFF}\"a\",b,c\n1,2,3\n", columns: columns) == [["1", "2", "3"]])
  }

  @Test func quotesDelimitersAndLineBreaks() throws {
    let text = "a,b,c\n\"1,1\",\"say \"\"hi\"\"\",\"two\nlines\"\n\"\"\"\",\"\",\"  kept \"\n"
    #expect(
      try readFields(text, columns: columns)
        == [["1,1", "say \"hi\"", "two\nlines"], ["\"", "", "  kept "]])
  }

  @Test func spacesAroundQuotedFields() throws {
    #expect(
      try readFields("a, b, c\n \"1,x\" , \"2\" ,\t\"3\"\t\n", columns: columns)
        == [["1,x", "2", "3"]])
  }

  @Test func quoteInsideAnUnquotedFieldIsText() throws {
    #expect(
      try readFields("a,b,c\n5\" disk,o\"\"k,x\"y\"\n", columns: columns)
        == [["5\" disk", "o\"\"k", "x\"y\""]])
  }

  @Test func spacesAreTrimmedOrKept() throws {
    #expect(
      try readFields("a, b,\tc \n1,  2 x\t,\t3 \n", columns: columns) == [["1", "2 x", "3"]])
    let keeping = TableFormat(trimsSpaces: false, missing: [])
    #expect(
      try readFields("a,b,c\n 1,2 ,\t3\r\n", keeping, columns: columns) == [[" 1", "2 ", "\t3"]])
  }

  @Test func tabsAndOtherDelimiters() throws {
    let tabs = TableFormat(delimiter: 9, missing: [])
    #expect(
      try readFields("a\tb\tc\n1\t\t3, 4 \n", tabs, columns: columns) == [["1", "", "3, 4"]])
    let pipes = TableFormat(delimiter: UInt8(ascii: "|"), missing: [])
    #expect(try readFields("a|b|c\n1|2|3\n", pipes, columns: columns) == [["1", "2", "3"]])
    let spaces = TableFormat(delimiter: 32, missing: [])
    #expect(
      try readFields("a b c\n1 \"2 2\" 3\n", spaces, columns: columns) == [["1", "2 2", "3"]])
    let apostrophes = TableFormat(quote: UInt8(ascii: "'"), missing: [])
    #expect(
      try readFields("a,b,c\n'1,1','it''s',\"3\n", apostrophes, columns: columns)
        == [["1,1", "it's", "\"3"]])
  }

  @Test func commentAndBlankLines() throws {
    let format = TableFormat(hasHeader: false, columns: columns, comment: "|", missing: [])
    let text = "|1x3 Cross \"validator\n\n1, 2, 3\n   \n|4,5\n4,5,6\n\t\n"
    #expect(try readFields(text, format, columns: columns) == [["1", "2", "3"], ["4", "5", "6"]])
  }

  /// A comment of as many fields as a record has, in a table without anything else that is unusual.
  @Test(arguments: ["\n", "\r\n"]) func commentsAmongPlainLines(lineEnd: String) throws {
    let format = TableFormat(hasHeader: false, columns: columns, comment: "|", missing: [])
    let lines = ["1,2,3", "|4,5,6", "7,8,9", ""]
    #expect(
      try readFields(lines.joined(separator: lineEnd), format, columns: columns)
        == [["1", "2", "3"], ["7", "8", "9"]])
    // Lines of both ends side by side.
    #expect(
      try readFields("1,2,3\r\n4,5,6\n7,8,9\r\n", format, columns: columns)
        == [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]])
  }

  @Test func blankLineOfTabsIsARecordInATabTable() throws {
    let tabs = TableFormat(delimiter: 9, hasHeader: false, columns: columns, missing: [])
    #expect(try readFields("\t\t\n", tabs, columns: columns) == [["", "", ""]])
  }

  @Test func columnsByListOrHeader() throws {
    let listed = TableFormat(hasHeader: false, columns: ["c", "a", "b"], missing: [])
    #expect(try readFields("3,1,2\n", listed, columns: columns) == [["1", "2", "3"]])
    let renamed = TableFormat(hasHeader: true, columns: ["c", "a", "b"], missing: [])
    #expect(try readFields("x,y,z\n3,1,2\n", renamed, columns: columns) == [["1", "2", "3"]])
    #expect(try readFields("c,unused,a,b\n3,0,1,2\n", columns: columns) == [["1", "2", "3"]])
  }

  @Test func missingMarkers() throws {
    let format = TableFormat(missing: ["?", "", "n/a"])
    #expect(
      try readFields("a,b,c\n?, ,n/a\n??,x,\"?\"\n", format, columns: columns)
        == [["<none>", "<none>", "<none>"], ["??", "x", "<none>"]])
  }

  @Test func textThatIsNoUTF8() throws {
    let bytes: [UInt8] =
      Array("a,b,c\n".utf8) + [0xC3, 0xA9, 44, 0xC3, 0x28, 44, 0x00, 10]
    #expect(try readFields(bytes, columns: ["a", "c"]) == [["é", "\0"]])
    let error = dataError { _ = try readFields(bytes, columns: columns) }
    #expect(error?.place?.line == 2 && error?.place?.column == 4)
    #expect(error?.message == "\"\\x{c3}(\" in column \"b\" is not UTF-8 text")
  }

  @Test func recordsLongerThanABlock() throws {
    let long = String(repeating: "x,\"\n", count: 60_000)
    let quoted = "\"" + long.replacing("\"", with: "\"\"") + "\""
    let text = "a,b,c\n1,2,3\n\(quoted),5,6\n7,\(String(repeating: "y", count: 300_000)),9\n"
    let rows = try readFields(text, columns: columns)
    #expect(rows.count == 3)
    #expect(rows[1][0] == long)
    #expect(rows[2][1].count == 300_000)
  }

  @Test func manyBlocksOfOddRecords() throws {
    // Record lengths that shift every boundary of words, chunks and blocks through the fields.
    var text = "a,b,c\n"
    var expected: [[String]] = []
    for row in 0..<20_000 {
      let b = String(repeating: "é\"", count: row % 23)
      let c = "line \(row)" + (row % 7 == 0 ? "\nmore, text" : "")
      let quoted = "\"" + b.replacing("\"", with: "\"\"") + "\""
      text += "\(row % 97),\(quoted),\"\(c)\"\(row % 3 == 0 ? "\r\n" : "\n")"
      expected.append(["\(row % 97)", b, c])
    }
    #expect(try readFields(text, columns: columns) == expected)
  }
}
