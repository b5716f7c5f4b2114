import Data
import Schema
import Testing

/// What a reading notes of the cells beside their ids, the same on any number of threads.
@Suite struct CellStatisticsTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func statistics(
    _ rows: [String], _ kind: FeatureDeclaration.Kind, threads: Int = 1, missing: [String] = [""],
    label: LabelSchema.Kind = .number
  ) throws -> DataStatistics {
    let text = (["a;y"] + rows).joined(separator: "\n") + "\n"
    return try DataDeclaration(
      format: TableFormat(delimiter: UInt8(ascii: ";"), missing: missing),
      features: [FeatureDeclaration(name: "a", column: "a", kind: kind)],
      labels: [LabelSchema(task: "y", column: "y", kind: label)]
    ).fit([folder.write(text)], options: ReadOptions(threads: threads)).statistics
  }

  private static func sequence(
    weighted: Bool = false, source: IdSource = .trainingData(minFrequency: 1)
  ) -> FeatureDeclaration.Kind {
    .sequence(source, SequenceLayout(separator: 124, maxLength: 3, weighted: weighted))
  }

  @Test func emptyListsCountAsMissingCells() throws {
    let found = try statistics(["1|2|3|4;0", ";0", " ;1", "5;1", "|;0"], Self.sequence())
    let feature = found.features[0]
    #expect(feature.missing == 3 && feature.missingShare == 0.6)
    let cells = try #require(feature.sequence)
    #expect(cells.cells == 5 && cells.cut == 1 && cells.longest == 4)
  }

  @Test(arguments: [1, 2]) func formsOfCells(threads: Int) throws {
    let rows = (0..<80_000).map { "\($0 % 9),\($0 % 7):0.5;0" }
    for source: IdSource in [.trainingData(minFrequency: 1), .hash(buckets: 50)] {
      let cells = try #require(
        try statistics(rows, Self.sequence(source: source), threads: threads).features[0].sequence)
      #expect(cells.longest == 1 && cells.pairs == 80_000)
      #expect(cells.separators == [TextCount(text: ",", count: 80_000)])
    }
    let brackets = try statistics(["[1| 2];0", "[3];0", "4|5];0"], Self.sequence())
    #expect(brackets.features[0].sequence?.bracketed == 2)
    #expect(brackets.features[0].sequence?.separators == [])
  }

  @Test func negativeWeights() throws {
    let found = try statistics(
      ["1:2|2:1;0", "1:1|2:-1;0", "1:-3;0", "2:1|1:1|3:-0.5;0", "1;0"],
      Self.sequence(weighted: true))
    let cells = try #require(found.features[0].sequence)
    #expect(cells.negative == 3 && cells.cancelling == 1 && cells.pairs == 4)
  }

  /// Words for "no value" that are not declared, whatever the encoder.
  @Test(
    arguments: [
      .id(.trainingData(minFrequency: 1)), .id(.hash(buckets: 5)),
      sequence(), sequence(source: .hash(buckets: 5)),
    ] as [FeatureDeclaration.Kind]) func undeclaredMarkers(kind: FeatureDeclaration.Kind) throws
  {
    let rows = ["x;0", "nan;0", "None;1", "\\N;1", "nan;0", "NULL;0", "?;1", "y;0"]
    let found = try statistics(rows, kind, missing: ["", "NULL"]).features[0].undeclaredMissing
    #expect(
      found == [
        TextCount(text: "?", count: 1), TextCount(text: "\\N", count: 1),
        TextCount(text: "nan", count: 2), TextCount(text: "None", count: 1),
      ])
  }

  @Test func undeclaredMarkersAmongLabels() throws {
    let rows = ["x;yes", "x;no", "x;nan", "x;nan", "x;n/a", "x;"]
    let found = try statistics(rows, .id(.hash(buckets: 5)), label: .positives(["yes"])).labels[0]
    #expect(found.present == 5 && found.positives == 1 && found.missing == 1)
    #expect(
      found.undeclaredMissing == [
        TextCount(text: "n/a", count: 1), TextCount(text: "nan", count: 2),
      ])
  }
}
