import Data
import Schema
import Testing

/// Lines of leading fields and `slot:id` items.
@Suite struct SlotTests {
  private static func declaration(
    _ kinds: [(String, FeatureDeclaration.Kind)], columns: [String] = ["row", "click", "buy"]
  ) -> DataDeclaration {
    DataDeclaration(
      format: TableFormat(layout: .slots, hasHeader: false, columns: columns),
      features: kinds.map { FeatureDeclaration(name: $0.0, column: $0.0, kind: $0.1) },
      labels: ["click", "buy"].map { LabelSchema(task: $0, column: $0, kind: .binary) })
  }

  private static let three = FeatureDeclaration.Kind.sequence(
    .identity(count: 100), SequenceLayout(separator: 0x7C, maxLength: 3, keep: .first))

  private static func fit(_ text: String, _ declaration: DataDeclaration) throws -> FittedData {
    let folder = try TemporaryFolder()
    return try declaration.fit([folder.write(text, "rows.txt")])
  }

  private static func failure(_ text: String, _ declaration: DataDeclaration) throws -> String {
    do {
      _ = try fit(text, declaration)
      return ""
    } catch let error as DataError {
      return error.description.split(separator: "/").last.map(String.init) ?? ""
    }
  }

  @Test func slotsAreColumns() throws {
    let text = """
      1,1,0,101:7,205:3,205:4,x:9

      # a remark
      2,0,0
      3,1,1,205:1,205:2,205:3,205:4, 101:8 ,\r
      """
    var declaration = Self.declaration([("205", Self.three), ("101", .id(.identity(count: 50)))])
    declaration.format.comment = "#"
    let fitted = try Self.fit(text, declaration)
    #expect(fitted.dataset.rowCount == 3)
    let slots = try #require(fitted.dataset.integers(FeedLayout.sequenceIds("205")))
    // Ids are one up; −1 pads; the first three stay.
    #expect(Array(slots) == [4, 5, -1, -1, -1, -1, 2, 3, 4])
    #expect(Array(try #require(fitted.dataset.integers(FeedLayout.ids))) == [8, 0, 9])
    #expect(Array(try #require(fitted.dataset.floats(FeedLayout.labels))) == [1, 0, 0, 0, 1, 1])
  }

  /// `slot:` without an id is as if it were not there.
  @Test func aSlotWithoutAnIdHoldsNothing() throws {
    let declaration = Self.declaration([("205", Self.three), ("101", .id(.identity(count: 50)))])
    let fitted = try Self.fit(
      "1,1,0,205:,205:3,101:\n2,0,0,205:4,205: ,101:6\n3,0,0,101:,205:5,101:7\n", declaration)
    let slots = try #require(fitted.dataset.integers(FeedLayout.sequenceIds("205")))
    #expect(Array(slots) == [4, -1, -1, 5, -1, -1, 6, -1, -1])
    #expect(Array(try #require(fitted.dataset.integers(FeedLayout.ids))) == [0, 7, 8])
  }

  @Test func linesOfAnotherFormCanBeSkipped() throws {
    // The first line cannot tell how many fields lead; a slot that must not repeat does.
    let text = "1,1,205:3\n2,1,0,205:1\n3,1,0,205\n4,0,1,205:2,205:3\n5,0,0,205:7\n"
    let declaration = Self.declaration([("205", .id(.identity(count: 100)))])
    let folder = try TemporaryFolder()
    let path = try folder.write(text, "rows.txt")
    let log = DamageLog()
    let fitted = try declaration.fit([path], options: ReadOptions(damage: log))
    #expect(Array(try #require(fitted.dataset.integers(FeedLayout.ids))) == [2, 8])
    #expect(log.first.compactMap { $0.place?.line } == [1, 3, 4])
    #expect(try Self.failure(text, declaration).contains("2 fields before the first slot:id"))
    #expect(throws: DataError.self) {
      try declaration.fit([path], options: ReadOptions(damage: DamageLog(limit: 2)))
    }
  }

  @Test func labelsCanBeAbsentWhenPredicting() throws {
    let schema = try Self.fit("1,1,0,205:3\n", Self.declaration([("205", Self.three)])).schema
    let folder = try TemporaryFolder()
    let reader = try PredictionReader(
      folder.write("8,205:3,205:5\n9\n", "new.txt"), schema: schema, keep: ["row"],
      batchRows: 10)
    let batch = try #require(try reader.nextBatch())
    let ids = try #require(batch.dataset.integers(FeedLayout.sequenceIds("205")))
    #expect(Array(ids) == [4, 6, -1, -1, -1, -1])
    #expect(batch.withKept(row: 1, column: 0) { String(decoding: $0, as: UTF8.self) } == "9")
  }

  @Test func longFilesComeInPieces() throws {
    let lines = (0..<20_000).map { "\($0),0,1,205:\($0 % 90),101:\($0 % 7)" }
    let declaration = Self.declaration([("205", Self.three), ("101", .id(.identity(count: 50)))])
    let fitted = try Self.fit(lines.joined(separator: "\n"), declaration)
    let ids = try #require(fitted.dataset.integers(FeedLayout.ids))
    #expect(ids.count == 20_000 && zip(0..., ids).allSatisfy { Int($1) == $0 % 7 + 1 })
  }

  @Test func mistakesAreNamedWithTheirPlace() throws {
    let one = Self.declaration([("205", .id(.identity(count: 50)))])
    #expect(
      try Self.failure("1,0,0,205:1,205:2\n", one)
        == "rows.txt:1:13: the slot \"205\" occurs more than once, but its feature reads one id —"
        + " declare the feature with type: \"sequence\"")
    #expect(
      try Self.failure("1,0,0,205:1\n2,0,0,205\n", one).hasPrefix(
        "rows.txt:2:7: \"205\" is not of the form slot:id"))
    #expect(
      try Self.failure("1,0,205:1\n", one).hasPrefix(
        "rows.txt:1:1: the line begins with 2 fields before the first slot:id, data.columns"
          + " names 3"))
    #expect(try Self.failure("1,0,0,205:x\n", one).contains("\"x\" in column \"205\" is not"))
    let two = FeatureDeclaration(name: "again", column: "205", kind: Self.three)
    var mixed = one
    mixed.features.append(two)
    #expect(try Self.failure("1,0,0,205:1\n", mixed).contains("in another way"))
  }

  @Test func groupsAreHashed() throws {
    var declaration = DataDeclaration(
      format: TableFormat(), features: [],
      labels: [LabelSchema(task: "y", column: "y", kind: .binary)])
    declaration.groupColumn = "user"
    let fitted = try Self.fit("user,y\na,1\nb,0\na,0\n,1\n", declaration)
    let halves = try #require(fitted.dataset.integers(FeedLayout.group))
    let pairs = (0..<4).map { [halves[2 * $0], halves[2 * $0 + 1]] }
    #expect(pairs[0] == pairs[2] && pairs[0] != pairs[1] && pairs[3] == [0, 0])
    #expect(fitted.schema.groupColumn == "user")
    #expect(try Self.failure("id,y\na,1\n", declaration).contains("\"data.group_by\" needs"))
  }
}
