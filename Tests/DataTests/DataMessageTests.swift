import Data
import Foundation
import Schema
import TestSupport
import Testing

/// What is said of tables that cannot be read, and what is read of those that can: whole messages, as
/// they were when somebody last read them.
@Suite struct DataMessageTests {
  private struct Case {
    var table: String
    var kind: FeatureDeclaration.Kind = .id(.trainingData(minFrequency: 1))
    var format = TableFormat(missing: ["", "?"])
    var label: LabelSchema.Kind?
    var weight = false
  }

  private static let bar = UInt8(ascii: "|")
  private static func list(
    _ length: Int, keep: SequenceLayout.Keep = .last, weighted: Bool = false,
    weights: String? = nil, brackets: Bool = false
  ) -> SequenceLayout {
    SequenceLayout(
      separator: bar, maxLength: length, keep: keep, weighted: weighted, weightsColumn: weights,
      brackets: brackets)
  }

  private static let cases: [Case] = {
    var cases: [Case] = []
    func add(_ tables: [String], _ change: (inout Case) -> Void = { _ in }) {
      for table in tables {
        var new = Case(table: table)
        change(&new)
        cases.append(new)
      }
    }
    // Records and headers.
    add([
      "", "\n", "a", "a\n", "a,b\n", "b,c\n1,2\n", "a,b\n1\n", "a,b\n1,2,3\n", "a,b\n1,2\n\n3,4\n",
      "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\n\"1\",2\n", "a,b\n\"1,2\n", "a,b\n\"1\"x,2\n",
      "a,b\n\"1\"\"\",2\n", "a,b\n\"1\n2\",3\n", "a,a\n1,2\n", "A,b\n1,2\n", " a,b\n1,2\n",
      "a;b\n1;2\n", "a\tb\n1\t2\n", "a,b\n1,2\n3\n4,5\n", "\u{FEFF}a,b\nx,1\n", "a,b\n\0,1\n",
      ",b\n1,2\n", "a,\n1,2\n",
    ])
    // Escapes: within a field and a quoted one, of themselves, at the ends of lines and of the file.
    add([
      "a,b\nx\\,y,1\n", "a,b\nx\\\\,1\n", "a,b\nx\\\\y\\,z\\\\,1\nx,2\n", "a,b\n\"x\\\"y\",1\n",
      "a,b\nx\\\ny,1\n", "a,b\r\nx\\\r\ny,1\r\nz,2\r\n", "a,b\nx,1\\", "a,b\nw,2\nx,1\\\n",
      "a,b\n\\,\\,,1\n\\,,2\n",
      "a,b\nx\\", "a\\,c,b\n1,2\n",
    ]) { $0.format.escape = UInt8(ascii: "\\") }
    // Numbers.
    let numbers = [
      "1", "2024--5", "1..2", "2024-05-", "2024-05-01", "1/2/3", "-2.5", "+3", "1e3", "1e400",
      "1e-400", "0x10", "1,5", "1.2.3", "1 000", " 4 ", "", "?",
      "nan", "inf", "-inf", "1_000", "١", "12a", "--1", ".5", "5.", ".", "e5", "1e", "NULL", "N/A",
    ]
    add(numbers.map { "a;b\n7;1\n\($0);1\n" }) {
      $0.kind = .numeric(.none)
      $0.format.delimiter = UInt8(ascii: ";")
    }
    add(["a,b\n5,1\n5,1\n", "a,b\n,1\n?,1\n", "a,b\n1e38,1\n-1e38,1\n"]) {
      $0.kind = .numeric(.zscore)
    }
    add(["a,b\n5,1\n5,1\n", "a,b\n1e300,1\n2,1\n"]) { $0.kind = .numeric(.minmax) }
    add(["a,b\n-5,1\n5,1\n0,1\n"]) { $0.kind = .numeric(.log) }
    add(["a,b\n1,1\n1,1\n2,1\n", "a,b\n1,1\n1,1\n1,1\n"]) {
      $0.kind = .bucketized(.quantiles(count: 3))
    }
    // Ids.
    add([
      "a,b\n0,1\n4,1\n", "a,b\n5,1\n", "a,b\n-1,1\n", "a,b\n1.0,1\n", "a,b\n,1\n", "a,b\n01,1\n",
    ]) {
      $0.kind = .id(.identity(count: 5))
    }
    add(["a,b\nx,1\nX,1\n", "a,b\nz,1\n"]) { $0.kind = .id(.list(["x", "y"])) }
    add(["a,b\nx,1\nx,1\ny,1\n"]) { $0.kind = .id(.trainingData(minFrequency: 2)) }
    // Lists.
    for layout in [
      list(2), list(2, keep: .first), list(2, weighted: true), list(3, brackets: true),
      list(3, weighted: true, weights: "b"),
    ] {
      add([
        "a,b\nx|y|z,1|2|3\n", "a,b\nx,1\n", "a,b\n,\n", "a,b\n|x|,1\n", "a,b\nx:1|y:2.5,1|2\n",
        "a,b\nx:,1\n", "a,b\nx:y,1\n", "a,b\n[x|y],[1|2]\n", "a,b\n['x'| 'y'],1|2\n",
        "a,b\n[x,1\n", "a,b\nx|y,1\n", "a,b\nx,1|2\n", "a,b\nx|y,1|q\n", "a,b\nx:-1|y:1,-1|1\n",
      ]) { $0.kind = .sequence(.trainingData(minFrequency: 1), layout) }
    }
    // Vectors.
    for brackets in [false, true] {
      add([
        "a,b\n1|2,1\n", "a,b\n1|2|3,1\n", "a,b\n1,1\n", "a,b\n,1\n", "a,b\n1|x,1\n",
        "a,b\n[1|2],1\n", "a,b\n1||2,1\n", "a,b\n1|1e39,1\n",
      ]) { $0.kind = .vector(VectorLayout(separator: bar, dim: 2, brackets: brackets)) }
    }
    // Labels and weights.
    for label: LabelSchema.Kind in [
      .binary, .number, .soft, .positives(["yes", "1"]), .classes(["no", "yes", "maybe"]),
    ] {
      for cell in ["1", "0", "0.5", "2", "-1", "", "?", "yes", "yess", "NA", "1e39", "true"] {
        add(["a,b\nx,1\ny,\(cell)\n"]) { $0.label = label }
      }
    }
    for cell in ["1", "0", "-1", "", "x", "1e39", "0.25"] {
      add(["a,b\nx,1\ny,\(cell)\n"]) { $0.weight = true }
    }
    return cases
  }()

  private func text(_ example: Case, _ folder: TemporaryFolder) throws -> String {
    let path = try folder.write(Array(example.table.utf8), "t.csv")
    let declaration = DataDeclaration(
      format: example.format,
      features: [FeatureDeclaration(name: "a", column: "a", kind: example.kind)],
      labels: example.label.map { [LabelSchema(task: "t", column: "b", kind: $0)] } ?? [],
      sampleWeightColumn: example.weight ? "b" : nil)
    do {
      let fitted = try declaration.fit([path])
      let feeds = fitted.dataset.layout.feeds.enumerated().map { place, feed -> String in
        let bytes = Array(fitted.dataset.feedBytes(place))
        let values = stride(from: 0, to: bytes.count, by: 4).map { offset in
          bytes.withUnsafeBytes { raw in
            feed.isInteger
              ? "\(raw.loadUnaligned(fromByteOffset: offset, as: Int32.self))"
              : String(
                format: "%.6g", raw.loadUnaligned(fromByteOffset: offset, as: Float.self))
          }
        }
        return "\(feed.name) \(values.joined(separator: " "))"
      }
      let missing = fitted.statistics.features.map { "\($0.missing)" }
      var words = ""
      if case .id(.vocabulary(let tokens)) = fitted.schema.features[0].encoder {
        words = ", words \(tokens)"
      }
      return "\(fitted.dataset.rowCount) rows, \(missing.joined()) missing\(words): "
        + feeds.joined(separator: "; ")
    } catch let error as DataError {
      return message(error)
    } catch {
      return "\(type(of: error)): \(error)".replacingOccurrences(of: path, with: "t.csv")
    }
  }

  /// `MTLC_UPDATE_GOLDEN=1` writes the file anew.
  @Test func messagesAreAsBefore() throws {
    let folder = try TemporaryFolder()
    let text = try Self.cases.map { example in
      let kind = example.label.map { "\($0)" } ?? (example.weight ? "weight" : "\(example.kind)")
      let shown = example.table.debugDescription.replacing("Schema.", with: "")
      return
        "\(shown) \(kind.replacing("Schema.", with: ""))\n  \(try self.text(example, folder))\n"
    }.joined()
    let difference = try GoldenText.difference(text, from: "Golden/text/data-messages.txt")
    #expect(difference == nil)
  }
}
