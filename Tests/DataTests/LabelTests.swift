import Data
import Schema
import Testing

/// What the cells of a label column say, for each kind of label.
@Suite struct LabelTests {
  private struct Labels: Equatable {
    var values: [Float]
    var mask: [Float]
  }

  private func fit(
    _ cells: [String], _ kind: LabelSchema.Kind, missing: [String]
  ) throws -> (labels: Labels, statistics: LabelStatistics) {
    let folder = try TemporaryFolder()
    let path = try folder.write("y,x\n" + cells.map { "\($0),0\n" }.joined())
    let declaration = DataDeclaration(
      format: TableFormat(missing: missing), features: [],
      labels: [LabelSchema(task: "t", column: "y", kind: kind)])
    let fitted = try declaration.fit([path])
    let labels = Labels(
      values: Array(try #require(fitted.dataset.floats(FeedLayout.labels))),
      mask: Array(try #require(fitted.dataset.floats(FeedLayout.labelMask))))
    return (labels, fitted.statistics.labels[0])
  }

  /// An empty cell is no label even where `missing` does not list it.
  @Test(arguments: [["?"], ["", "?"]]) func emptyCellsAreNoLabels(missing: [String]) throws {
    let cases: [(kind: LabelSchema.Kind, cells: [String], labels: Labels)] = [
      (
        .positives(["yes", "sure"]), ["sure", "", "?", "no", "yes"],
        Labels(values: [1, 0, 0, 0, 1], mask: [1, 0, 0, 1, 1])
      ),
      (
        .classes(["yes", "no", "sure"]), ["sure", "", "?", "no", "yes"],
        Labels(values: [2, 0, 0, 1, 0], mask: [1, 0, 0, 1, 1])
      ),
      (
        .binary, ["1", "", "?", "0", "1.0"],
        Labels(values: [1, 0, 0, 0, 1], mask: [1, 0, 0, 1, 1])
      ),
      (
        .number, ["1.5", "", "?", "-2", "0"],
        Labels(values: [1.5, 0, 0, -2, 0], mask: [1, 0, 0, 1, 1])
      ),
    ]
    for (kind, cells, labels) in cases {
      let found = try fit(cells, kind, missing: missing)
      #expect(found.labels == labels, "\(kind)")
      #expect(found.statistics.present == 3 && found.statistics.missing == 2, "\(kind)")
    }
  }

  /// A text that is listed as positive or as a class is one, whatever it usually stands for.
  @Test func listedTextsAreNotMissing() throws {
    let positives = try fit(["?", "", "nan"], .positives(["?"]), missing: ["?"])
    #expect(positives.labels == Labels(values: [1, 0, 0], mask: [1, 0, 1]))
    let classes = try fit(["", "b", "?"], .classes(["b", "?"]), missing: ["?"])
    #expect(classes.labels == Labels(values: [0, 0, 1], mask: [0, 1, 1]))
  }

  /// The number of a class is its place in the list, of which equal texts take the first.
  @Test func classesAreCountedFromZero() throws {
    let found = try fit(["a", "b", "c", "é"], .classes(["a", "b", "a", "c", "é"]), missing: [])
    #expect(found.labels == Labels(values: [0, 1, 3, 4], mask: [1, 1, 1, 1]))
  }

  /// Up to the largest float; what is beyond has no nearest one.
  @Test func numbersAreThoseOfFloats() throws {
    let found = try fit(["3.4e38", "-3.4e38"], .number, missing: [])
    #expect(found.labels.values == [3.4e38, -3.4e38])
    let digits = "4" + String(repeating: "0", count: 38)
    for cell in ["3.5e38", "-1e60", "inf", "nan", "1e400", digits, "-\(digits).5"] {
      #expect(
        message(dataError { _ = try fit(["1", cell], .number, missing: []) }).contains(
          "table.csv:3:1: "), "\(cell)")
    }
    for cell in ["2", "-1", "0.5", "1e-60", "yes"] {
      #expect(
        message(dataError { _ = try fit(["1", cell], .binary, missing: []) }).contains(
          "is neither 0 nor 1"), "\(cell)")
    }
  }
}
