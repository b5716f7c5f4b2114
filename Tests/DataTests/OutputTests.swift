import Data
import Foundation
import Schema
import Testing

/// Files appear whole or not at all, and tables read back as they were written.
@Suite struct OutputTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  private func fileError(_ body: () throws -> Void) -> FileError? {
    do {
      try body()
      return nil
    } catch { return error as? FileError }
  }

  @Test func fileAppearsOnlyWhenCommitted() throws {
    let path = try folder.write("old", "out.txt")
    let file = try AtomicFile(path)
    try file.write(String(repeating: "new", count: 100_000))
    try file.write("!")
    #expect(try text(path) == "old")
    #expect(folder.names.count == 2)
    try file.commit()
    #expect(try text(path) == String(repeating: "new", count: 100_000) + "!")
    #expect(folder.names == ["out.txt"])
  }

  @Test func nothingIsLeftOfADiscardedFile() throws {
    let path = try folder.write("old", "out.txt")
    do {
      let file = try AtomicFile(path)
      try file.write("new")
      _ = file
    }
    let file = try AtomicFile(path)
    try file.write("new")
    file.discard()
    #expect(fileError { try file.commit() } != nil)
    #expect(try text(path) == "old")
    #expect(folder.names == ["out.txt"])
  }

  @Test func placesThatCannotBeWritten() throws {
    let inNoFolder = fileError { _ = try AtomicFile(folder.file("none/out.txt")) }
    #expect(inNoFolder?.hint == "the folder does not exist")
    #expect(fileError { _ = try AtomicFile(folder.path) }?.message.contains("directory") == true)
    #expect(fileError { _ = try AtomicFile("") } != nil)
  }

  @Test func modeAndLinksAreKept() throws {
    let path = try folder.write("old", "out.txt")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    let link = folder.file("link.txt")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    try AtomicFile.write(Array("new".utf8), to: link)
    #expect(try text(path) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  #if os(Linux)
    @Test func fullDiskIsAnError() throws {
      // Existing devices are written to, never replaced.
      let full = fileError {
        let file = try AtomicFile("/dev/full")
        try file.write(String(repeating: "x", count: 1 << 20))
        try file.commit()
      }
      #expect(full?.message.hasPrefix("cannot write: ") == true)
      try AtomicFile.write([1, 2, 3], to: "/dev/null")
      var status = stat()
      #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }
  #endif

  @Test func tablesReadBack() throws {
    let rows = [
      ["plain", "with,comma", "with \"quotes\""], ["two\nlines", " space", "tail\t"],
      ["#comment", "", "é\r"], ["|x", "'", ";"],
    ]
    let path = folder.file("out.csv")
    let writer = CSVWriter(try AtomicFile(path))
    try writer.header(["a", "b", "c"])
    for row in rows {
      for field in row { writer.field(field) }
      try writer.endRow()
    }
    try writer.finish()
    let format = TableFormat(comment: "#", missing: [])
    #expect(try readFields(text(path), format, columns: ["a", "b", "c"]) == rows)
    let single = CSVWriter(try AtomicFile(path), delimiter: 9)
    try single.header(["a"])
    single.field("")
    try single.endRow()
    single.field("a\tb,c")
    try single.endRow()
    try single.finish()
    #expect(try text(path) == "a\n\"\"\n\"a\tb,c\"\n")
  }

  @Test func numbersAreShortAndExact() throws {
    let path = folder.file("out.csv")
    let writer = CSVWriter(try AtomicFile(path))
    writer.field(Float(0.1))
    writer.field(0.1)
    writer.field(-12)
    writer.field(Float.leastNonzeroMagnitude)
    try writer.endRow()
    try writer.finish()
    #expect(try text(path) == "0.1,0.1,-12,1e-45\n")
  }
}
