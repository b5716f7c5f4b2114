import Data
import Foundation
import Schema
import Testing

/// Encoded rows: the same from a fit and from its schema, and gathered in any order.
@Suite struct DatasetTests {
  private let folder: TemporaryFolder
  private let train: String
  private let test: String
  private let declaration: DataDeclaration

  init() throws {
    folder = try TemporaryFolder()
    train = folder.file("train.csv")
    test = folder.file("test.csv")
    _ = try SampleGenerator(seed: 3).write(train: train, test: test, trainRows: 3000, testRows: 500)
    let history = SequenceLayout(separator: 124, maxLength: 5)
    declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(
          name: "user_id", column: "user_id", kind: .id(.trainingData(minFrequency: 3))),
        FeatureDeclaration(name: "age", column: "age", kind: .numeric(.zscore)),
        FeatureDeclaration(
          name: "age_bucket", column: "age", kind: .bucketized(.quantiles(count: 8))),
        FeatureDeclaration(name: "city", column: "city", kind: .id(.hash(buckets: 50))),
        FeatureDeclaration(name: "price", column: "price", kind: .numeric(.log)),
        FeatureDeclaration(name: "hour", column: "hour", kind: .id(.identity(count: 24))),
        FeatureDeclaration(
          name: "history", column: "history",
          kind: .sequence(.trainingData(minFrequency: 1), history)),
      ],
      labels: [
        LabelSchema(task: "click", column: "click", kind: .positives(["1"])),
        LabelSchema(task: "purchase", column: "purchase", kind: .binary),
      ], sampleWeightColumn: "position")
  }

  private func bytes(_ dataset: Dataset) -> [[UInt8]] {
    dataset.layout.feeds.indices.map { Array(dataset.feedBytes($0)) }
  }

  /// Ids of small vocabularies as bytes: the same rows, in less memory; large ones stay as they are.
  @Test func idsKeptAsBytesAreTheSameIds() throws {
    for small in [true, false] {
      var declaration = declaration
      if small {
        declaration.features.removeAll { $0.name == "user_id" || $0.name == "history" }
      }
      let wide = try declaration.fit([train])
      var options = ReadOptions()
      options.keepsBytes = true
      let narrow = try declaration.fit([train], options: options)
      #expect(narrow.schema == wide.schema)
      let feed = try #require(wide.dataset.layout.feeds.firstIndex { $0.name == FeedLayout.ids })
      let (before, after) = (wide.dataset.feedBytes(feed), narrow.dataset.feedBytes(feed))
      #expect(after.count == (small ? before.count / 4 : before.count))
      let ids = try #require(wide.dataset.integers(FeedLayout.ids))
      let bytes = try #require(narrow.dataset.integers(FeedLayout.ids))
      #expect(Array(ids) == Array(bytes))
      #expect(
        ids.withUnsafeBufferPointer { Array($0) } == bytes.withUnsafeBufferPointer { Array($0) })
      let rows: [Int32] = [5, 0, 2999, 5, 17]
      for gathers in [true, false] {
        let copies = [wide.dataset, narrow.dataset].map { dataset in
          let blocks = dataset.layout.feeds.map {
            UnsafeMutableRawPointer.allocate(byteCount: 4 * rows.count * $0.width, alignment: 64)
          }
          defer { for block in blocks { block.deallocate() } }
          if gathers {
            rows.withUnsafeBufferPointer { dataset.copyRows($0, into: blocks) }
          } else {
            dataset.copyRows(100..<100 + rows.count, into: blocks)
          }
          return zip(blocks, dataset.layout.feeds).map { block, feed in
            Array(UnsafeRawBufferPointer(start: block, count: 4 * rows.count * feed.width))
          }
        }
        #expect(copies[0] == copies[1])
      }
    }
  }

  @Test func fittingEncodesAsTheSchemaDoes() throws {
    let fitted = try declaration.fit([train])
    #expect(fitted.dataset.rowCount == 3000)
    let again = try Dataset.read([train], schema: fitted.schema)
    #expect(bytes(again.dataset) == bytes(fitted.dataset))
    #expect(try declaration.fit([train]).schema == fitted.schema)
    for (a, b) in zip(again.statistics.features, fitted.statistics.features) {
      #expect(a.missing == b.missing && a.outOfVocabulary == b.outOfVocabulary)
      #expect(a.values == b.values && a.cardinality == b.cardinality && a.mean == b.mean)
    }
    #expect(again.statistics.labels[0].positives == fitted.statistics.labels[0].positives)
    #expect(again.statistics.bytes == fitted.statistics.bytes)
  }

  @Test func severalFilesAreOneTable() throws {
    let fitted = try declaration.fit([train, test])
    #expect(fitted.dataset.rowCount == 3500)
    let second = try Dataset.read([test], schema: fitted.schema).dataset
    let all = try #require(fitted.dataset.integers("ids"))
    let part = try #require(second.integers("ids"))
    #expect(Array(all[(3000 * 4)...]) == Array(part))
  }

  @Test func rowsAreGatheredInOrder() throws {
    let dataset = try declaration.fit([train]).dataset
    let rows: [Int32] = Array(Shuffle(seed: 1).permutation(epoch: 0, count: 3000).prefix(257))
    let buffers = dataset.layout.feeds.map {
      UnsafeMutableRawPointer.allocate(byteCount: $0.width * 4 * rows.count, alignment: 16)
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    func check(_ rows: [Int]) {
      for (k, feed) in dataset.layout.feeds.enumerated() {
        let source = dataset.feedBytes(k).assumingMemoryBound(to: UInt32.self)
        let copied = buffers[k].assumingMemoryBound(to: UInt32.self)
        for (n, row) in rows.enumerated() {
          for c in 0..<feed.width {
            #expect(copied[n * feed.width + c] == source[row * feed.width + c])
          }
        }
      }
    }
    rows.withUnsafeBufferPointer { dataset.copyRows($0, into: buffers) }
    check(rows.map(Int.init))
    dataset.copyRows(2743..<3000, into: buffers)
    check(Array(2743..<3000))
    // A feed that nobody wants is left alone.
    buffers[0].storeBytes(of: 7, as: UInt32.self)
    dataset.copyRows(0..<1, into: [nil] + Array(buffers.dropFirst()))
    #expect(buffers[0].load(as: UInt32.self) == 7)
  }

  @Test func labelsMayBeAbsent() throws {
    let fitted = try declaration.fit([train])
    let text = try String(contentsOfFile: test, encoding: .utf8)
    let rows = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let kept = rows[0].indices.filter { !["click", "purchase", "position"].contains(rows[0][$0]) }
    let bare = rows.map { row in kept.map { String(row[$0]) }.joined(separator: ",") + "\n" }
      .joined()
    let path = try folder.write(bare, "bare.csv")
    #expect(dataError { _ = try Dataset.read([path], schema: fitted.schema) } != nil)
    let dataset = try Dataset.read([path], schema: fitted.schema, requireLabels: false).dataset
    let full = try Dataset.read([test], schema: fitted.schema).dataset
    #expect(try #require(dataset.floats("label_mask")).allSatisfy { $0 == 0 })
    #expect(try #require(dataset.floats("sample_weight")).allSatisfy { $0 == 1 })
    for feed in ["ids", "ids.history"] {
      #expect(
        try Array(#require(dataset.integers(feed))) == Array(#require(full.integers(feed))))
    }
  }

  @Test func filesWithoutHeaderMayLackLabels() throws {
    let format = TableFormat(hasHeader: false, columns: ["y", "x", "z"])
    let declaration = DataDeclaration(
      format: format,
      features: [FeatureDeclaration(name: "z", column: "z", kind: .numeric(.none))],
      labels: [LabelSchema(task: "t", column: "y", kind: .binary)])
    let schema = try declaration.fit([try folder.write("1,2,3\n0,5,6\n")]).schema
    let path = try folder.write("\"say \"\"8\"\"\",9\n10,11\n", "unlabelled.csv")
    let (dataset, statistics) = try Dataset.read([path], schema: schema, requireLabels: false)
    #expect(try Array(#require(dataset.floats("numeric"))) == [9, 11])
    #expect(statistics.labels[0].present == 0 && statistics.labels[0].mean == nil)
    #expect(dataError { _ = try Dataset.read([path], schema: schema) } != nil)
  }
}
