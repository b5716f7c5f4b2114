import Data
import Foundation
import Schema
import Testing

/// The published data sets that lie beside a checkout while developing, if they do.
private enum SharedData {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/data").path

  /// Whether the files are there; says so when they are not.
  static func has(_ names: String...) -> Bool {
    let missing = names.filter { !FileManager.default.fileExists(atPath: folder + "/" + $0) }
    if !missing.isEmpty {
      print("skipped: \(missing.joined(separator: ", ")) not found in ../shared/data")
    }
    return missing.isEmpty
  }

  static func path(_ name: String) -> String { folder + "/" + name }
}

private func declaration(
  _ columns: [String], numbers: Set<String>, labels: [LabelSchema], comment: String? = nil
) -> DataDeclaration {
  let taken = Set(labels.map(\.column))
  return DataDeclaration(
    format: TableFormat(hasHeader: false, columns: columns, comment: comment, missing: ["?", ""]),
    features: columns.filter { !taken.contains($0) }.map {
      FeatureDeclaration(
        name: $0, column: $0,
        kind: numbers.contains($0) ? .numeric(.log) : .id(.trainingData(minFrequency: 1)))
    }, labels: labels)
}

@Suite struct SharedDataTests {
  @Test(.enabled(if: SharedData.has("adult/adult.data", "adult/adult.test")))
  func adult() throws {
    let columns = [
      "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation",
      "relationship", "race", "sex", "capital_gain", "capital_loss", "hours_per_week",
      "native_country", "income",
    ]
    let adult = declaration(
      columns,
      numbers: [
        "age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week",
      ],
      labels: [
        LabelSchema(task: "income", column: "income", kind: .positives([">50K", ">50K."])),
        LabelSchema(
          task: "marital", column: "marital_status", kind: .positives(["Never-married"])),
      ], comment: "|")
    let train = try adult.fit([SharedData.path("adult/adult.data")])
    #expect(train.statistics.rows == 32_561)
    #expect(train.statistics.labels.map(\.positives) == [7841, 10_683])
    #expect(train.statistics.labels.map(\.missing) == [0, 0])
    let cardinality = Dictionary(
      uniqueKeysWithValues: train.schema.features.map { ($0.name, $0.cardinality) })
    #expect(cardinality["workclass"] == 9 && cardinality["native_country"] == 42)
    #expect(cardinality["education"] == 17 && cardinality["occupation"] == 15)
    let missing = train.statistics.features.reduce(0) { $0 + $1.missing }
    #expect(missing == 1836 + 1843 + 583)
    // The original test file begins with a line that this copy lacks.
    let folder = try TemporaryFolder()
    let original = try folder.write(
      "|1x3 Cross validator\n"
        + String(contentsOfFile: SharedData.path("adult/adult.test"), encoding: .utf8))
    let test = try Dataset.read([original], schema: train.schema).statistics
    #expect(test.rows == 16_281)
    #expect(test.labels.map(\.positives) == [3846, 5434])
    #expect(test.features.map(\.outOfVocabulary).reduce(0, +) == 0)
  }

  @Test(.enabled(if: SharedData.has("census-income/train.csv", "census-income/test.csv")))
  func census() throws {
    let columns = (0..<42).map { "c\($0)" }
    let census = declaration(
      columns, numbers: ["c0", "c5", "c16", "c17", "c18", "c24", "c30", "c39"],
      labels: [
        LabelSchema(task: "income", column: "c41", kind: .positives(["50000+."])),
        LabelSchema(task: "marital", column: "c7", kind: .positives(["Never married"])),
      ])
    let train = try census.fit([SharedData.path("census-income/train.csv")])
    #expect(train.statistics.rows == 60_000)
    #expect(train.statistics.labels.map(\.positives) == [3733, 25_928])
    let test = try Dataset.read([SharedData.path("census-income/test.csv")], schema: train.schema)
    #expect(test.dataset.rowCount == 20_000)
    #expect(test.statistics.features.allSatisfy { $0.outOfVocabularyShare < 0.001 })
  }

  @Test(.enabled(if: SharedData.has("card-funnel/train.csv", "card-funnel/vocabulary.json")))
  func cardFunnel() throws {
    let text = try Foundation.Data(
      contentsOf: URL(fileURLWithPath: SharedData.path("card-funnel/vocabulary.json")))
    let sizes = try JSONDecoder().decode([String: Int].self, from: text)
    let tasks = ["click", "apply", "credit", "activate"]
    let funnel = DataDeclaration(
      format: TableFormat(),
      features: sizes.sorted { $0.key < $1.key }.map {
        FeatureDeclaration(
          name: $0.key, column: $0.key, kind: .id(.identity(count: $0.value + 1)))
      }, labels: tasks.map { LabelSchema(task: $0, column: $0, kind: .binary) })
    var schema: DataSchema?
    for (file, rows) in [("train", 1000), ("valid", 500), ("test", 500)] {
      let path = SharedData.path("card-funnel/\(file).csv")
      let fitted = try funnel.fit([path])
      schema = schema ?? fitted.schema
      #expect(fitted.schema == schema)
      #expect(fitted.dataset.rowCount == rows)
      #expect(fitted.statistics.features.count == 122)
      #expect(fitted.statistics.features.allSatisfy { $0.outOfVocabulary == 0 })
      #expect(fitted.statistics.labels.allSatisfy { $0.missing == 0 })
    }
  }
}
