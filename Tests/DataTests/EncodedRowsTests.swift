import Data
import Foundation
import Schema
import TestSupport
import Testing

/// What is learned from a table with every kind of feature, and its first rows as they are fed, as they
/// were when somebody last looked at them.
@Suite struct EncodedRowsTests {
  private static let header = "city,device,age,price,when,tags,weights,vector,click,kind,spend,w\n"

  /// Rows of all-different numbers, with missing cells, unknown texts and lists of any length.
  private static func row(_ k: Int) -> String {
    let city = k % 11 == 5 ? "" : "city \(k * k % 13)"
    let device = ["phone", "desk", "tv", "phone"][k % 4]
    let age = k % 9 == 4 ? "?" : "\(18 + k * 7 % 61)"
    let price = "\(Double(k * k % 97) / 4 - 3)"
    let when = "2024-0\(1 + k % 9)-1\(k % 8) 0\(k % 7):\(10 + k % 50)"
    let count = k % 6
    let tags = (0..<count).map { "t\((k + $0 * $0) % 9)" }.joined(separator: "|")
    let weights = (0..<count).map { "\(1 + (k + $0) % 3).5" }.joined(separator: "|")
    let vector = "\(k).25;-\(k % 5);0.5"
    let kind = ["red", "green", "blue"][k * 5 % 3]
    let spend = k % 8 == 7 ? "" : "\(k % 4 == 0 ? 0 : k * 3 % 40)"
    return "\(city),\(device),\(age),\(price),\(when),\(tags),\(weights),\(vector),"
      + "\(k % 3 == 0 ? 1 : 0),\(kind),\(spend),\(1 + k % 4)\n"
  }

  private static let declaration: DataDeclaration = {
    func feature(
      _ name: String, _ column: String, _ kind: FeatureDeclaration.Kind
    ) -> FeatureDeclaration { FeatureDeclaration(name: name, column: column, kind: kind) }
    let bar = UInt8(ascii: "|")
    return DataDeclaration(
      format: TableFormat(missing: ["", "?"]),
      features: [
        feature("city", "city", .id(.trainingData(minFrequency: 3))),
        feature("city hash", "city", .id(.hash(buckets: 40))),
        feature("device", "device", .id(.list(["tv", "phone"]))),
        feature("age id", "age", .id(.identity(count: 60))),
        feature("age", "age", .numeric(.none)), feature("age z", "age", .numeric(.zscore)),
        feature("price m", "price", .numeric(.minmax)),
        feature("price l", "price", .numeric(.log)),
        feature("price q", "price", .numeric(.quantile)),
        feature("price bins", "price", .piecewise(bins: 4, pointMasses: false)),
        feature("age masses", "age", .piecewise(bins: 5, pointMasses: true)),
        feature("age cuts", "age", .bucketized(.boundaries([20, 30.5, 65]))),
        feature("price cuts", "price", .bucketized(.quantiles(count: 4))),
        feature(
          "tags first", "tags",
          .sequence(
            .trainingData(minFrequency: 2),
            SequenceLayout(separator: bar, maxLength: 3, keep: .first))),
        feature(
          "tags last", "tags",
          .sequence(
            .hash(buckets: 7),
            SequenceLayout(
              separator: bar, maxLength: 2, weighted: true, weightsColumn: "weights"))),
        feature("city and device", "", .cross(["city", "device"], buckets: 50)),
        feature(
          "vector", "vector", .vector(VectorLayout(separator: UInt8(ascii: ";"), dim: 3))),
      ],
      labels: [
        LabelSchema(task: "click", column: "click", kind: .binary),
        LabelSchema(task: "red", column: "kind", kind: .positives(["red"])),
        LabelSchema(task: "spend", column: "spend", kind: .number),
      ], sampleWeightColumn: "w")
  }()

  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6
      ? "\(Int(value))" : String(format: "%.5g", value)
  }

  /// Numbers of a description to five digits: logarithms differ in their last bits from machine to
  /// machine.
  private static func rounded(_ text: String) -> String {
    text.replacing(/-?\d+\.\d+(?:e-?\d+)?/) { match in
      Double(match.output).map { Self.text($0) } ?? String(match.output)
    }
  }

  /// `MTLC_UPDATE_GOLDEN=1` writes the file anew.
  @Test func rowsAreEncodedAsBefore() throws {
    let folder = try TemporaryFolder()
    let table = Self.header + (0..<200).map(Self.row).joined()
    let fitted = try Self.declaration.fit([try folder.write(Array(table.utf8))])
    var text = ""
    for feature in fitted.schema.features {
      text += "\(feature.name): \(Self.rounded("\(feature.encoder)"))\n"
    }
    for feature in fitted.statistics.features { text += "\(Self.rounded("\(feature)"))\n" }
    for label in fitted.statistics.labels { text += "\(Self.rounded("\(label)"))\n" }
    // Rows that the schema was not learned from, with texts and numbers that it has not seen.
    let other = Self.header + (300..<312).map(Self.row).joined().replacing("desk", with: "watch")
    let rows = try Dataset.read([try folder.write(Array(other.utf8))], schema: fitted.schema)
    for dataset in [fitted.dataset, rows.dataset] {
      for (place, feed) in dataset.layout.feeds.enumerated() {
        let bytes = Array(dataset.feedBytes(place))
        text += "\(feed.name):\n"
        for row in 0..<12 {
          let cells = (0..<feed.width).map { column -> String in
            bytes.withUnsafeBytes { raw in
              let offset = 4 * (row * feed.width + column)
              return feed.isInteger
                ? "\(raw.loadUnaligned(fromByteOffset: offset, as: Int32.self))"
                : Self.text(Double(raw.loadUnaligned(fromByteOffset: offset, as: Float.self)))
            }
          }
          text += "  \(cells.joined(separator: " "))\n"
        }
      }
    }
    let difference = try GoldenText.difference(text, from: "Golden/text/encoded-rows.txt")
    #expect(difference == nil)
  }
}
