import Data
import Foundation
import Schema
import Testing

/// What is wrong with a file is said with its place, and nothing traps.
@Suite struct ReadErrorTests {
  private let folder: TemporaryFolder
  private let numbers = DataDeclaration(
    format: TableFormat(),
    features: ["a", "b", "c"].map {
      FeatureDeclaration(name: $0, column: $0, kind: .numeric(.none))
    }, labels: [])

  init() throws { folder = try TemporaryFolder() }

  private func fitError(_ text: String, _ declaration: DataDeclaration? = nil) throws -> String {
    let path = try folder.write(text, "t.csv")
    return message(dataError { _ = try (declaration ?? numbers).fit([path]) })
  }

  @Test func raggedRows() throws {
    #expect(try fitError("a,b,c\n1,2,3\n4,5\n") == "t.csv:3:4: expected 3 fields, found 2")
    #expect(
      try fitError("a,b,c\n1,2,3\n4,5,6,7\n")
        == "t.csv:3:7: expected 3 fields, found 4 — a field that holds the delimiter must be quoted"
    )
    #expect(
      try fitError("a;b;c\n1;2;3\n").hasPrefix(
        "t.csv:1: no column \"a\", which feature \"a\" needs"))
    let listed = DataDeclaration(
      format: TableFormat(hasHeader: false, columns: ["a", "b", "c"]), features: numbers.features,
      labels: [])
    #expect(
      try fitError("1;2;3\n", listed)
        == "t.csv:1:6: expected 3 fields, found 1 — is the delimiter \";\"? set data.delimiter")
    #expect(
      try fitError("1,2,3\r4,5,6\r\n", listed)
        == "t.csv:1:9: expected 3 fields, found 5 — "
        + "where lines end with a lone CR, convert them: tr '\\r' '\\n'"
    )
  }

  @Test func placeAfterQuotedLineBreaks() throws {
    let text = "a,b,c\n\"1\",\"2\",3\n\"9\n\n\", 2, x\n"
    #expect(
      try fitError(text).hasPrefix("t.csv:3:2: \"9\\u{a}\\u{a}\" in column \"a\" is not a finite"))
    let ids = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1))),
        FeatureDeclaration(name: "c", column: "c", kind: .numeric(.none)),
      ], labels: [])
    #expect(
      try fitError(text, ids)
        == "t.csv:5:7: \"x\" in column \"c\" is not a finite number — if it means \"no value\", "
        + "add \"x\" to data.missing")
    let doubled = "a,b,c\n\"\"\"\n\"\"\",\"\"\"\"\"\"\"\",3\n1,2,y\n"
    #expect(try fitError(doubled, ids).hasPrefix("t.csv:4:5: \"y\""))
  }

  @Test func unreadableNumbers() throws {
    for text in [
      "x", "1,2"[...].prefix(0) + "1_0", "0x10", "nan", "-inf", "1e999", "--1", "1e", ".",
    ] {
      let error = try fitError("a,b,c\n1,2,\(text)\n")
      #expect(error.hasPrefix("t.csv:2:5: \"\(text)\" in column \"c\" is not a finite number"))
    }
  }

  @Test func quotes() throws {
    #expect(
      try fitError("a,b,c\n1,\"2,3\n4,5,6\n")
        == "t.csv:2:3: the quote that opens here is never closed"
    )
    #expect(
      try fitError("a,b,c\n1,\"2\"x,3\n")
        == "t.csv:2:6: text after the closing quote — a quote inside a quoted field is written twice"
    )
    #expect(try fitError("\"a,b,c\n1,2,3\n").hasPrefix("t.csv:1:1: the quote that opens"))
  }

  @Test func columnsThatAreNotThere() throws {
    #expect(
      try fitError("a,x,c\n1,2,3\n")
        == "t.csv:1: no column \"b\", which feature \"b\" needs — the columns are a, x, c")
    let named = DataDeclaration(
      format: TableFormat(),
      features: [FeatureDeclaration(name: "w", column: "workclass", kind: .numeric(.none))],
      labels: [])
    #expect(
      try fitError("age,workclas,c\n1,2,3\n", named)
        == "t.csv:1: no column \"workclass\", which feature \"w\" needs — did you mean \"workclas\"?"
    )
    #expect(
      try fitError("a,b,c,b\n1,2,3,4\n")
        == "t.csv:1: column \"b\" of feature \"b\" appears 2 times, as fields 2 and 4 — "
        + "give the columns different names")
    // Names that nobody asks for may repeat.
    let path = try folder.write("a,b,c,x,x\n1,2,3,4,5\n")
    #expect(try numbers.fit([path]).dataset.rowCount == 1)
  }

  @Test func headerAndColumnList() throws {
    let listed = DataDeclaration(
      format: TableFormat(hasHeader: true, columns: ["a", "b", "c"]), features: numbers.features,
      labels: [])
    #expect(
      try fitError("a,b\n1,2\n", listed)
        == "t.csv:1:1: the header has 2 fields, data.columns names 3")
    let nameless = DataDeclaration(
      format: TableFormat(hasHeader: false), features: numbers.features, labels: [])
    #expect(try fitError("1,2,3\n", nameless).contains("no column names are given"))
  }

  @Test func emptyAndForeignFiles() throws {
    #expect(try fitError("").hasPrefix("t.csv: the input is empty"))
    #expect(try fitError("\u{FEFF}").hasPrefix("t.csv: the file has no header line"))
    #expect(try fitError("\n \n").hasPrefix("t.csv: the file has no header line"))
    #expect(try fitError("a,b,c\n") == "t.csv: there is no row to learn from")
    func error(_ bytes: [UInt8]) throws -> String {
      let path = try folder.write(bytes, "t.csv")
      return message(dataError { _ = try numbers.fit([path]) })
    }
    #expect(try error([0x1F, 0x8B, 8, 0, 0]).contains("compressed with gzip"))
    #expect(try error([0xFF, 0xFE, 97, 0]).contains("UTF-16"))
    #expect(try error([0x50, 0x4B, 3, 4]).contains("zip"))
  }

  @Test func filesThatCannotBeRead() throws {
    _ = try folder.write("a,b,c\n1,2,3\n", "train.csv")
    let missing = dataError { _ = try numbers.fit([folder.file("trian.csv")]) }
    #expect(message(missing).hasPrefix("trian.csv: cannot open: "))
    #expect(missing?.hint == "did you mean train.csv?")
    let directory = dataError { _ = try numbers.fit([folder.path]) }
    #expect(directory?.message == "is a directory, a file is needed")
    #expect(dataError { _ = try numbers.fit([""]) } != nil)
    #expect(dataError { _ = try numbers.fit(["a\0b"]) } != nil)
    #expect(dataError { _ = try numbers.fit([folder.file("no/such/file.csv")]) } != nil)
  }

  @Test func dialectsThatCannotBe() throws {
    for format in [
      TableFormat(delimiter: 10), TableFormat(delimiter: 34), TableFormat(quote: 13),
    ] {
      let declaration = DataDeclaration(format: format, features: numbers.features, labels: [])
      #expect(try fitError("a,b,c\n1,2,3\n", declaration).contains("must differ"))
    }
  }

  @Test func declarationsThatNoDataCouldSatisfy() throws {
    let path = try folder.write("a\n1\n2\n")
    func refused(_ kind: FeatureDeclaration.Kind) throws -> Bool {
      let declaration = DataDeclaration(
        format: TableFormat(), features: [FeatureDeclaration(name: "a", column: "a", kind: kind)],
        labels: [])
      let options = ReadOptions(memoryLimit: 1 << 20)
      do {
        _ = try declaration.fit([path], options: options)
        return false
      } catch is DataError { return true } catch is MemoryShortage { return true }
    }
    #expect(try refused(.id(.hash(buckets: 0))))
    #expect(try refused(.id(.hash(buckets: .max))))
    #expect(try refused(.id(.identity(count: Int(Int32.max)))))
    #expect(try refused(.id(.list(["x", "x"]))))
    #expect(try refused(.bucketized(.boundaries([1, 1]))))
    #expect(try refused(.bucketized(.boundaries([.nan]))))
    #expect(try refused(.bucketized(.quantiles(count: 0))))
    let huge = SequenceLayout(separator: 32, maxLength: Int(Int32.max))
    #expect(try refused(.sequence(.hash(buckets: 2), huge)))
    #expect(try refused(.sequence(.hash(buckets: 2), SequenceLayout(separator: 32, maxLength: 0))))
    #expect(try refused(.id(.hash(buckets: 5))) == false)
  }

  @Test func rowsBeyondTheMemoryLimit() throws {
    let path = try folder.write("a,b,c\n" + String(repeating: "1,2,3\n", count: 1000))
    let error = #expect(throws: MemoryShortage.self) {
      try numbers.fit([path], options: ReadOptions(memoryLimit: 10_000))
    }
    #expect(error?.message.contains("do not fit the 9.8 KiB of memory") == true)
    #expect(try numbers.fit([path], options: ReadOptions(rowLimit: 7)).dataset.rowCount == 7)
    #expect(dataError { _ = try numbers.fit([path], options: ReadOptions(rowLimit: 0)) } != nil)
  }
}
