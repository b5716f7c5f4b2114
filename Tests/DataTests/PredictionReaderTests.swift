import Data
import Foundation
import Schema
import Testing

@Suite struct PredictionReaderTests {
  private let folder: TemporaryFolder
  private let schema: DataSchema

  init() throws {
    folder = try TemporaryFolder()
    schema = DataSchema(
      format: TableFormat(),
      features: [
        FeatureSchema(name: "x", column: "x", encoder: .id(.vocabulary(["a", "b"]))),
        FeatureSchema(name: "n", column: "n", encoder: .numeric(Normalizer(offset: 1, scale: 2))),
      ],
      labels: [LabelSchema(task: "t", column: "y", kind: .binary)])
  }

  @Test func batchesAreFullAndTextIsKept() throws {
    var text = "id,n,x\n"
    for row in 0..<10_000 {
      text += "\"row \(row), \"\"quoted\"\"\",\(row),\(row % 2 == 0 ? "a" : "c")\n"
    }
    let reader = try PredictionReader(
      try folder.write(text), schema: schema, keep: ["x", "id"], batchRows: 999)
    var row = 0
    while let batch = try reader.nextBatch() {
      #expect(batch.rowCount == min(999, 10_000 - row))
      let ids = try #require(batch.dataset.integers("ids"))
      let numbers = try #require(batch.dataset.floats("numeric"))
      for k in 0..<batch.rowCount {
        #expect(ids[k] == (row % 2 == 0 ? 1 : 0))
        #expect(numbers[k] == Float(row - 1) * 2)
        let kept = batch.withKept(row: k, column: 1) { String(decoding: $0, as: UTF8.self) }
        #expect(kept == "row \(row), \"quoted\"")
        row += 1
      }
    }
    #expect(row == 10_000)
    #expect(try reader.nextBatch() == nil)
  }

  /// A program that predicts texts for ever must not keep them.
  @Test func aReaderIsFreed() throws {
    let path = try folder.write("n,x\n1,a\n2,b\n")
    var reader: PredictionReader? = try PredictionReader(path, schema: schema, batchRows: 1)
    weak let weakly = reader
    _ = try reader?.nextBatch()
    #expect(weakly != nil)
    reader = nil
    #expect(weakly == nil)
  }

  @Test func headerAloneIsNoBatch() throws {
    let reader = try PredictionReader(try folder.write("n,x\n"), schema: schema, batchRows: 10)
    #expect(try reader.nextBatch() == nil)
  }

  /// Whatever the columns of labels, weights and groups hold, a prediction does not need them.
  @Test func labelsAreNotLookedAt() throws {
    var schema = schema
    schema.sampleWeightColumn = "w"
    schema.groupColumn = "g"
    let bytes = Array("y,n,x,w,g\n?,2,a,none,".utf8) + [0xFF, 10]
    let reader = try PredictionReader(
      try folder.write(bytes), schema: schema, keep: ["y"], batchRows: 10)
    let batch = try #require(try reader.nextBatch())
    #expect(try Array(#require(batch.dataset.floats("label_mask"))) == [0])
    #expect(try Array(#require(batch.dataset.floats("sample_weight"))) == [1])
    #expect(batch.withKept(row: 0, column: 0) { Array($0) } == Array("?".utf8))
  }

  /// Names with commas in them, alone and in a list.
  @Test func keptColumnsWithCommas() throws {
    let path = try folder.write("n,x,\"a, b\",c,\"c,d\"\n1,a,1,2,3\n")
    func keep(_ names: [String]) throws -> [String] {
      try PredictionReader(path, schema: schema, keep: names, batchRows: 1).keep
    }
    #expect(try keep(["a, b"]) == ["a, b"])
    #expect(try keep(["x,a, b,c"]) == ["x", "a, b", "c"])
    #expect(try keep(["c,d", "c"]) == ["c,d", "c"])
    #expect(dataError { _ = try keep(["c", "x,c"]) }?.message.contains("\"c\" twice") == true)
    #expect(dataError { _ = try keep(["a"]) }?.message.hasPrefix("no column \"a\"") == true)
  }

  @Test func errorsNameTheirPlace() throws {
    let absent = dataError {
      _ = try PredictionReader(try folder.write("n\n1\n"), schema: schema, batchRows: 1)
    }
    #expect(absent?.message == "no column \"x\", which feature \"x\" needs")
    let kept = dataError {
      _ = try PredictionReader(
        try folder.write("n,x\n1,a\n"), schema: schema, keep: ["id"], batchRows: 1)
    }
    #expect(kept?.message == "no column \"id\", which the output needs")
    let reader = try PredictionReader(
      try folder.write("n,x\n1,a\n2,b\nz,b\n"), schema: schema, batchRows: 2)
    #expect(try reader.nextBatch()?.rowCount == 2)
    let bad = dataError { _ = try reader.nextBatch() }
    #expect(bad?.place?.line == 4 && bad?.place?.column == 1)
  }

  /// A pipe has no size and gives its bytes in pieces, as standard input does.
  @Test func rowsComeThroughAPipe() throws {
    let path = folder.file("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    var text = "n,x\r\n"
    for row in 0..<5000 { text += "\(row),\"b\"\r\n" }
    let bytes = Array(text.utf8)
    let writer = Thread {
      guard let handle = FileHandle(forWritingAtPath: path) else { return }
      for start in stride(from: 0, to: bytes.count, by: 1777) {
        handle.write(Foundation.Data(bytes[start..<min(start + 1777, bytes.count)]))
      }
      try? handle.close()
    }
    writer.start()
    let reader = try PredictionReader(path, schema: schema, batchRows: 2048)
    var sizes: [Int] = []
    while let batch = try reader.nextBatch() {
      sizes.append(batch.rowCount)
      #expect(batch.dataset.integers("ids")?.allSatisfy { $0 == 2 } == true)
    }
    #expect(sizes == [2048, 2048, 904])
    #expect(reader.bytesRead == bytes.count)
  }
}
