import Data
import Foundation
import Schema
import Testing

/// What is learned from a small table whose answers are known.
@Suite struct FittingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fit(
    _ text: String, _ features: [(String, FeatureDeclaration.Kind)], labels: [LabelSchema] = [],
    weight: String? = nil, missing: [String] = ["", "?"]
  ) throws -> FittedData {
    let path = try folder.write(text)
    let declaration = DataDeclaration(
      format: TableFormat(missing: missing),
      features: features.map { FeatureDeclaration(name: $0.0, column: $0.0, kind: $0.1) },
      labels: labels, sampleWeightColumn: weight)
    return try declaration.fit([path])
  }

  private func vocabulary(_ feature: FeatureSchema) -> [String] {
    switch feature.encoder {
    case .id(.vocabulary(let tokens)), .sequence(.vocabulary(let tokens), _): tokens
    default: []
    }
  }

  @Test func vocabularyOrderAndFrequencies() throws {
    let text = "x\nb\na\n?\nb\nc\na\nd\n\"\"\nb\né\n"
    let all = try fit(text, [("x", .id(.trainingData(minFrequency: 1)))])
    #expect(vocabulary(all.schema.features[0]) == ["b", "a", "c", "d", "é"])
    #expect(
      try Array(#require(all.dataset.integers("ids"))) == [1, 2, 0, 1, 3, 2, 4, 0, 1, 5])
    let statistics = all.statistics.features[0]
    #expect(statistics.values == 10)
    #expect(statistics.missing == 2)
    #expect(statistics.outOfVocabulary == 0)
    #expect(statistics.distinct == 5)
    #expect(statistics.cardinality == 6)

    let frequent = try fit(text, [("x", .id(.trainingData(minFrequency: 2)))])
    #expect(vocabulary(frequent.schema.features[0]) == ["b", "a"])
    #expect(
      try Array(#require(frequent.dataset.integers("ids"))) == [1, 2, 0, 1, 0, 2, 0, 0, 1, 0])
    #expect(frequent.statistics.features[0].outOfVocabulary == 3)
    #expect(frequent.statistics.features[0].outOfVocabularyShare == 0.3)
  }

  @Test func listHashAndIdentity() throws {
    let text = "x,h,i\na,a,0\nz,foobar,3\n?,,4\nb,?,-1\n"
    let fitted = try fit(
      text,
      [
        ("x", .id(.list(["b", "a"]))), ("h", .id(.hash(buckets: 1000))),
        ("i", .id(.identity(count: 4))),
      ])
    let ids = try #require(fitted.dataset.integers("ids"))
    #expect(stride(from: 0, to: 12, by: 3).map { ids[$0] } == [2, 0, 0, 1])
    // FNV-1a of "a" is af63dc4c8601ec8c, of "foobar" 85944171f73967e8.
    let a = Int32(0xaf63_dc4c_8601_ec8c % 1000 as UInt64) + 1
    let foobar = Int32(0x8594_4171_f739_67e8 % 1000 as UInt64) + 1
    #expect(stride(from: 1, to: 12, by: 3).map { ids[$0] } == [a, foobar, 0, 0])
    #expect(stride(from: 2, to: 12, by: 3).map { ids[$0] } == [1, 4, 0, 0])
    #expect(fitted.statistics.features.map(\.outOfVocabulary) == [1, 0, 2])
    #expect(fitted.statistics.features.map(\.missing) == [1, 2, 0])
    let error = dataError { _ = try fit("i\n1.5\n", [("i", .id(.identity(count: 4)))]) }
    #expect(error?.message == "\"1.5\" in column \"i\" is not an integer id")
  }

  @Test func normalisers() throws {
    let text =
      "z,m,l,n,k\n2,10,0,5,7\n4,20,1,?,7\n4,?,?,1,7\n4,15,-3,2,7\n5,10,0,2,7\n5,11,0,2,7\n"
      + "7,12,0,2,7\n9,13,0,2,?\n"
    let fitted = try fit(
      text,
      [
        ("z", .numeric(.zscore)), ("m", .numeric(.minmax)), ("l", .numeric(.log)),
        ("n", .numeric(.none)), ("k", .numeric(.zscore)),
      ])
    let values = try #require(fitted.dataset.floats("numeric"))
    func column(_ k: Int) -> [Float] { stride(from: k, to: 40, by: 5).map { values[$0] } }
    // Mean 5, standard deviation 2.
    #expect(column(0) == [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
    #expect(column(1)[0] == 0 && column(1)[1] == 1 && column(1)[3] == 0.5)
    // A missing number is scaled as the mean is: (91/7 − 10) / 10.
    #expect(abs(column(1)[2] - 0.3) < 1e-6)
    #expect(column(2)[2] == 0)
    let one = 2.0.logarithm
    let three = -(4.0.logarithm)
    let mean: Double = (one + three) / 7
    let others: Double = 5 * mean * mean
    let squares: Double = (one - mean) * (one - mean) + (three - mean) * (three - mean) + others
    let deviation = (squares / 7).squareRoot()
    #expect(abs(Double(column(2)[1]) - (one - mean) / deviation) < 1e-6)
    #expect(abs(Double(column(2)[3]) - (three - mean) / deviation) < 1e-6)
    #expect(column(3)[0] == 5 && abs(column(3)[1] - 16.0 / 7) < 1e-6)
    #expect(column(4) == Array(repeating: 0, count: 8))
    let statistics = fitted.statistics.features[0]
    #expect(statistics.minimum == 2 && statistics.maximum == 9 && statistics.mean == 5)
    #expect(statistics.deviation == 2)
  }

  @Test func numbersThatAreHardOnSums() throws {
    // A large offset must not eat the variance, nor must a constant get one from rounding.
    var text = "a,c\n"
    for row in 0..<3000 { text += "\(1_000_000_000_000 + row % 3),0.1\n" }
    let fitted = try fit(text, [("a", .numeric(.zscore)), ("c", .numeric(.zscore))])
    guard case .numeric(let normalizer) = fitted.schema.features[0].encoder else { return }
    #expect(abs(1 / normalizer.scale - (2.0 / 3).squareRoot()) < 1e-9)
    #expect(try #require(fitted.dataset.floats("numeric"))[1] == 0)
    let wide = dataError { _ = try fit("a\n-1e308\n1e308\n", [("a", .numeric(.zscore))]) }
    #expect(wide?.message.contains("too wide to normalise") == true)
    let clamped = try fit("a\n1e300\n-1e300\n", [("a", .numeric(.none))])
    let largest = Float.greatestFiniteMagnitude
    #expect(try Array(#require(clamped.dataset.floats("numeric"))) == [largest, -largest])
    let empty = try fit("a\n?\n?\n", [("a", .numeric(.zscore))])
    #expect(try Array(#require(empty.dataset.floats("numeric"))) == [0, 0])
  }

  @Test func labelsMasksAndWeights() throws {
    let text = "y,b,r,c,w\n>50K,0,1.5,red,1\n>50K.,1,,blue,0.5\n<=50K,,-2,,2\n?,1.0,3,red,0\n"
    let fitted = try fit(
      text, [],
      labels: [
        LabelSchema(task: "y", column: "y", kind: .positives([">50K", ">50K."])),
        LabelSchema(task: "b", column: "b", kind: .binary),
        LabelSchema(task: "r", column: "r", kind: .number),
        LabelSchema(task: "c", column: "c", kind: .classes(["blue", "red"])),
      ], weight: "w")
    #expect(
      try Array(#require(fitted.dataset.floats("labels")))
        == [1, 0, 1.5, 1, 1, 1, 0, 0, 0, 0, -2, 0, 0, 1, 3, 1])
    #expect(
      try Array(#require(fitted.dataset.floats("label_mask")))
        == [1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1])
    #expect(try Array(#require(fitted.dataset.floats("sample_weight"))) == [1, 0.5, 2, 0])
    let y = fitted.statistics.labels[0]
    #expect(y.present == 3 && y.missing == 1 && y.positives == 2)
    #expect(abs((y.mean ?? 0) - 2.0 / 3) < 1e-12)
    #expect(fitted.statistics.labels[2].minimum == -2)
  }

  @Test func labelErrors() throws {
    func error(_ cell: String, _ kind: LabelSchema.Kind) -> String {
      message(
        dataError {
          _ = try fit("y\n\(cell)\n", [], labels: [LabelSchema(task: "t", column: "y", kind: kind)])
        })
    }
    #expect(
      error("2", .binary).hasPrefix("table.csv:2:1: the label \"2\" in column \"y\" is neither"))
    #expect(error("x", .number).contains("is not a finite number"))
    #expect(error("1e60", .number).contains("is not a finite number"))
    #expect(error("rde", .classes(["red"])).hasSuffix("did you mean \"red\"?"))
    let weight = dataError { _ = try fit("w\n-1\n", [], weight: "w") }
    #expect(weight?.message.contains("sample weight \"-1\"") == true)
    let absent = dataError {
      _ = try fit("x\n1\n", [], labels: [LabelSchema(task: "t", column: "y", kind: .binary)])
    }
    #expect(absent?.message == "no column \"y\", which task \"t\" needs")
  }

  @Test func sequences() throws {
    let text = "s\na|b||c \n\n?\nd|a|a|b\nb\n"
    func ids(_ keep: SequenceLayout.Keep) throws -> (FittedData, [Int32]) {
      let layout = SequenceLayout(separator: 124, maxLength: 2, keep: keep)
      // A second column, as a blank line would be no record.
      let fitted = try fit(
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
          .map { $0 == "s" ? "s,t" : "\($0),0" }.joined(separator: "\n"),
        [("s", .sequence(.trainingData(minFrequency: 1), layout))])
      return (fitted, try Array(#require(fitted.dataset.integers("ids.s"))))
    }
    // Items that are cut off count too: a 3, b 3, c 1, d 1.
    let (last, lastIds) = try ids(.last)
    #expect(vocabulary(last.schema.features[0]) == ["a", "b", "c", "d"])
    #expect(lastIds == [2, 3, -1, -1, -1, -1, 1, 2, 2, -1])
    let (_, firstIds) = try ids(.first)
    #expect(firstIds == [1, 2, -1, -1, -1, -1, 4, 1, 2, -1])
    #expect(last.statistics.features[0].values == 5)
  }

  @Test func weightedSequences() throws {
    let layout = SequenceLayout(separator: 32, maxLength: 3, weighted: true)
    let kind = FeatureDeclaration.Kind.sequence(.list(["x:y", "z"]), layout)
    let fitted = try fit("s\nx:y:0.5 z q:2\nz:-1e1\n", [("s", kind)])
    #expect(try Array(#require(fitted.dataset.integers("ids.s"))) == [1, 2, 0, 2, -1, -1])
    #expect(
      try Array(#require(fitted.dataset.floats("weights.s"))) == [0.5, 1, 2, -10, 0, 0])
    let error = dataError { _ = try fit("s\nz:heavy\n", [("s", kind)]) }
    #expect(error?.message.contains("the weight in \"z:heavy\"") == true)
  }

  @Test func featuresThatShareAVocabulary() throws {
    let path = try folder.write("item,seen\na,b|b|c\nd,b\n")
    let layout = SequenceLayout(separator: 124, maxLength: 4)
    var declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(
          name: "item", column: "item", kind: .id(.trainingData(minFrequency: 1)), vocabulary: "i"),
        FeatureDeclaration(
          name: "seen", column: "seen", kind: .sequence(.trainingData(minFrequency: 1), layout),
          vocabulary: "i"),
      ], labels: [])
    let fitted = try declaration.fit([path])
    #expect(vocabulary(fitted.schema.features[0]) == ["b", "a", "c", "d"])
    #expect(vocabulary(fitted.schema.features[1]) == ["b", "a", "c", "d"])
    #expect(try Array(#require(fitted.dataset.integers("ids"))) == [2, 4])
    declaration.features[1].kind = .sequence(.trainingData(minFrequency: 2), layout)
    #expect(
      dataError { _ = try declaration.fit([path]) }?.message.contains("in another way") == true)
  }
}

extension Double {
  fileprivate var logarithm: Double { log(self) }
}
