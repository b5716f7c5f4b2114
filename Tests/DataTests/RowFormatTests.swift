import Data
import Foundation
import Schema
import Testing

/// The file formats.
@Suite struct RowFormatTests {
  private func declaration(
    _ layout: TableFormat.Layout, _ columns: [String],
    _ features: [(String, FeatureDeclaration.Kind)],
    labels: [String] = ["y"], group: String? = nil
  ) -> DataDeclaration {
    DataDeclaration(
      format: TableFormat(layout: layout, hasHeader: false, columns: columns),
      features: features.map { FeatureDeclaration(name: $0.0, column: $0.0, kind: $0.1) },
      labels: labels.map { LabelSchema(task: $0, column: $0, kind: .binary) }, groupColumn: group)
  }

  private static let pairs = FeatureDeclaration.Kind.sequence(
    .identity(count: 100), SequenceLayout(separator: 32, maxLength: 3, keep: .first, weighted: true)
  )

  private func failure(_ declaration: DataDeclaration, _ path: String) -> String {
    do {
      _ = try declaration.fit([path])
      return ""
    } catch {
      return "\(error)"
    }
  }

  /// What `columns` names, and two rows: the number 0.5 in the column "1" with the label 1, and 2
  /// with the label 0.
  private static func example(_ layout: TableFormat.Layout) -> (columns: [String], file: [UInt8]) {
    switch layout {
    case .table: (["1", "y"], Array("0.5,1\n2,0\n".utf8))
    case .slots: (["1", "y"], Array("0.5,1,7:3\n2,0\n".utf8))
    case .libsvm: (["y"], Array("1 1:0.5 3:1\n0 1:2\n".utf8))
    case .dense: (["1", "y"], Array("0.5 1\n2\t0\n".utf8))
    case .npy: (["1", "y"], npy("<f4", "(2, 2)", bytes([Float(0.5), 1, 2, 0])))
    }
  }

  @Test(arguments: TableFormat.Layout.allCases)
  func rowsAreTheSameInEveryFormat(_ layout: TableFormat.Layout) throws {
    let folder = try TemporaryFolder()
    let (columns, file) = Self.example(layout)
    let path = try folder.write(file, "rows.npy")
    let declared = declaration(layout, columns, [("1", .numeric(.none))])
    let data = try declared.fit([path])
    #expect(Array(try #require(data.dataset.floats(FeedLayout.numeric))) == [0.5, 2])
    #expect(Array(try #require(data.dataset.floats(FeedLayout.labels))) == [1, 0])
    let missing = failure(declaration(layout, columns, [("z", .numeric(.none))]), path)
    #expect(missing.contains("z") || layout == .slots, "\(missing)")
    let cache = DatasetCache(folder: path + ".cache")
    _ = try cache.fit(declared, [path])
    guard case (let cached, .opened) = try cache.fit(declared, [path]) else {
      Issue.record("the cache was not opened")
      return
    }
    #expect(cached.schema == data.schema && cached.schema.format.layout == layout)
  }

  @Test func everyFormatIsDescribed() {
    let layouts = TableFormat.Layout.allCases
    #expect(Set(layouts.map(\.code)).count == layouts.count)
    for layout in layouts where layout != .table {
      #expect(layout.traits.documentation.contains("`\(layout)`"))
    }
  }

  @Test func libsvmRowsAreColumns() throws {
    let folder = try TemporaryFolder()
    let text =
      "1,0 qid:7 3:0.5 9:2\n\n0,1\tqid:7 9:-1.5e0 # a remark\r\n# another\n1,1 qid:8 1:1 2:3 3:4 4:5\n"
    let path = try folder.write(Array(text.utf8), "rows.txt")
    let declared = declaration(
      .libsvm, ["y", "z"], [("3", .numeric(.none)), ("9", .numeric(.none)), ("pairs", Self.pairs)],
      labels: ["y", "z"], group: "qid")
    let rows = try declared.fit([path]).dataset
    #expect(rows.rowCount == 3)
    #expect(Array(try #require(rows.floats(FeedLayout.numeric))) == [0.5, 2, 0, -1.5, 4, 0])
    #expect(Array(try #require(rows.floats(FeedLayout.labels))) == [1, 0, 0, 1, 1, 1])
    let ids = try #require(rows.integers(FeedLayout.sequenceIds("pairs")))
    #expect(Array(ids) == [4, 10, -1, 10, -1, -1, 2, 3, 4])
    let weights = try #require(rows.floats(FeedLayout.sequenceWeights("pairs")))
    #expect(Array(weights) == [0.5, 2, 0, -1.5, 0, 0, 1, 3, 4])
    let groups = Array(try #require(rows.integers(FeedLayout.group)))
    #expect(groups[0] == groups[2] && groups[0] != groups[4])
  }

  @Test func libsvmLabelsCanBeAbsentWhenPredicting() throws {
    let folder = try TemporaryFolder()
    let declared = declaration(.libsvm, ["y"], [("2", .numeric(.none))], group: "qid")
    let schema = try declared.fit([folder.write("1 qid:1 2:3\n")]).schema
    let reader = try PredictionReader(
      folder.write("qid:4 2:5\n1:1\n"), schema: schema, batchRows: 9)
    let batch = try #require(try reader.nextBatch())
    #expect(Array(try #require(batch.dataset.floats(FeedLayout.numeric))) == [5, 0])
  }

  @Test(arguments: [
    ("1 3:1\n0 3\n", ":2:3: \"3\" is not of the form index:value"),
    ("1 3:1\n0 3:x\n", ":2:3: \"3:x\" is not of the form"),
    ("1 3:1\n0 -3:1\n", ":2:3: \"-3:1\" is not"),
    ("1 3:1\n0 3:1 3:2\n", ":2:7: the index 3 occurs twice"),
    ("1 3:1\n1,0 3:2\n", ":2:1: the line begins with 2 labels, data.columns names 1"),
    ("1 3:1\n3:2\n", ":2:1: the line has no label"),
    ("1 3:1\n7 3:2\n", ":2:1: the label \"7\""),
  ])
  func libsvmErrorsHaveTheirPlace(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    let declared = declaration(.libsvm, ["y"], [("3", .numeric(.none))])
    let found = failure(declared, try folder.write(text, "rows.txt"))
    #expect(found.contains(message), "\(found)")
  }

  @Test func damagedLinesCanBeSkipped() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("1 3:1\n0 3:1 3\n0 3:x\n1 3:4\n")
    let log = DamageLog()
    let declared = declaration(.libsvm, ["y"], [("3", .numeric(.none))])
    let rows = try declared.fit([path], options: ReadOptions(damage: log)).dataset
    #expect(Array(try #require(rows.floats(FeedLayout.numeric))) == [1, 4])
    #expect(log.first.compactMap { $0.place?.line } == [2, 3])
  }

  @Test func plainNumbersMayHaveAnySpaces() throws {
    let folder = try TemporaryFolder()
    let declared = declaration(
      .dense, ["a", "b", "y"], [("a", .numeric(.none)), ("b", .numeric(.none))])
    let path = try folder.write("  1   2\t1 \n3,4,0\r\n5 , 6  ,1\n\n-1e1 .5 0")
    let rows = try declared.fit([path]).dataset
    #expect(Array(try #require(rows.floats(FeedLayout.numeric))) == [1, 2, 3, 4, 5, 6, -10, 0.5])
    #expect(Array(try #require(rows.floats(FeedLayout.labels))) == [1, 0, 1, 0])
    let short = failure(declared, try folder.write("1 2 0\n3 4\n", "short.txt"))
    #expect(
      short.contains("short.txt:2") && short.contains("expected 3 fields, found 2"), "\(short)")
    let empty = failure(declared, try folder.write("1,,0\n", "empty.txt"))
    #expect(empty.contains("\"\" in column \"b\"") || empty.isEmpty, "\(empty)")
  }

  private static func npy(
    _ type: String, _ shape: String, _ elements: [UInt8], headerBytes: Int = 118
  ) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: headerBytes - header.utf8.count - 1) + "\n"
    let length = [UInt8(headerBytes & 255), UInt8(headerBytes >> 8)]
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + length + Array(header.utf8) + elements
  }

  private static func bytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  @Test func arraysAreTables() throws {
    let folder = try TemporaryFolder()
    let declared = declaration(
      .npy, ["a", "b", "y"], [("a", .numeric(.none)), ("b", .numeric(.none))])
    let values: [Float] = [0.1, -3, 1, .nan, 1e-30, 0]
    let whole = try folder.write(Self.npy("<f4", "(2, 3)", Self.bytes(values)), "whole.npy")
    let rows = try declared.fit([whole]).dataset
    let numbers = Array(try #require(rows.floats(FeedLayout.numeric)))
    #expect(numbers[0] == 0.1 && numbers[1] == -3 && numbers[3] == 1e-30)
    // A missing number is the mean of the others, here of one.
    #expect(numbers[2] == 0.1)
    // The labels in a file of their own, of another type.
    _ = try folder.write(Self.npy("<f8", "(2, 2)", Self.bytes([0.25, 2.0, 4.0, 1e300])), "x.npy")
    _ = try folder.write(Self.npy("<i8", "(2,)", Self.bytes([Int64(1), 0])), "x.labels.npy")
    let path = whole.replacingOccurrences(of: "whole.npy", with: "x.npy")
    let other = try declared.fit([path]).dataset
    #expect(Array(try #require(other.floats(FeedLayout.labels))) == [1, 0])
    #expect(Array(try #require(other.floats(FeedLayout.numeric)))[0] == 0.25)
    // Headers longer than what is read at a time, and as long.
    for headerBytes in [4085, 4086, 4087, 9000] {
      let long = try folder.write(
        Self.npy("<f4", "(1, 3)", Self.bytes([Float(2), 3, 1]), headerBytes: headerBytes),
        "long.npy")
      #expect(try declared.fit([long]).dataset.rowCount == 1, "\(headerBytes)")
    }
    // Rows to predict need no labels.
    let schema = try declared.fit([path]).schema
    let new = try folder.write(Self.npy("|u1", "(1, 2)", [7, 9]), "new.npy")
    let batch = try PredictionReader(new, schema: schema, batchRows: 4).nextBatch()
    #expect(Array(try #require(batch?.dataset.floats(FeedLayout.numeric))) == [7, 9])
  }

  @Test func arraysThatAreNoTablesAreRefused() throws {
    let folder = try TemporaryFolder()
    let declared = declaration(.npy, ["a", "y"], [("a", .numeric(.none))])
    let cases: [([UInt8], String)] = [
      (
        Self.npy("<f4", "(2, 3)", Self.bytes([Float](repeating: 1, count: 6))),
        "has 3 columns, data.columns"
      ),
      (Self.npy("<f4", "(2, 2)", Self.bytes([Float](repeating: 1, count: 3))), "holds 12 bytes"),
      (Self.npy("<f4", "(2, 2)", Self.bytes([Float](repeating: 1, count: 5))), "holds 20 bytes"),
      (
        Self.npy("<f4", "(1, 2, 2)", Self.bytes([Float](repeating: 1, count: 4))),
        "expected (rows, columns)"
      ),
      (Self.npy("<c8", "(1, 1)", Self.bytes([Float](repeating: 1, count: 2))), "type <c8"),
      (
        Self.npy("\u{1B}[1m", "(1, 1)", Self.bytes([Float](repeating: 1, count: 1))),
        "type \\u{1b}[1m"
      ),
      (Array("a,y\n1,0\n".utf8), "is not a .npy file"), ([], "is not a .npy file"),
      (Self.npy("<f4", "(0, 2)", []), "empty"),
      (Self.npy("<f4", "(2, 2)", Self.bytes([Float(1), 1, 3, 5])), "x.npy:2"),
    ]
    for (contents, message) in cases {
      let found = failure(declared, try folder.write(contents, "x.npy"))
      #expect(found.contains(message), "\(found)")
    }
    let good = try folder.write(Self.npy("<f4", "(2, 1)", Self.bytes([Float(1), 1])), "z.npy")
    _ = try folder.write(Self.npy("|u1", "(3,)", [1, 0, 1]), "z.labels.npy")
    #expect(failure(declared, good).contains("holds 3 rows"))
  }
}
