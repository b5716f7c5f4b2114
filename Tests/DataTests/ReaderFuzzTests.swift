import Data
import Schema
import Testing

/// Damaged tables give rows or a `DataError`, never a trap; and what an independent, plain parser
/// finds in generated tables, the reader finds too.
@Suite struct ReaderFuzzTests {
  private let columns = ["a", "b", "c"]

  @Test func mutatedBytesNeverTrap() throws {
    let folder = try TemporaryFolder()
    let declaration = DataDeclaration(
      format: TableFormat(comment: "#", missing: ["?", ""]),
      features: [
        FeatureDeclaration(name: "i", column: "a", kind: .id(.trainingData(minFrequency: 1))),
        FeatureDeclaration(name: "n", column: "b", kind: .numeric(.zscore)),
        FeatureDeclaration(name: "q", column: "b", kind: .bucketized(.quantiles(count: 3))),
        FeatureDeclaration(
          name: "s", column: "c",
          kind: .sequence(
            .hash(buckets: 9), SequenceLayout(separator: 32, maxLength: 2, weighted: true))),
      ],
      labels: [LabelSchema(task: "t", column: "y", kind: .positives(["1"]))],
      sampleWeightColumn: "w")
    var base = "a,b,c,y,w\r\n"
    for row in 0..<12 {
      base += "x\(row % 5),\(row).5e\(row % 3),\"i:1 j\"\"k\n:2\",\(row % 2), 1\n#note\n\n"
    }
    let original = Array(base.utf8)
    let interesting: [UInt8] = [
      0, 9, 10, 13, 32, 34, 35, 44, 45, 46, 58, 63, 0x80, 0xC3, 0xEF, 0xFF,
    ]
    var random = SplitMix64(seed: 11)
    var outcomes = (rows: 0, errors: 0)
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<1 + random.below(4) where !bytes.isEmpty {
        let place = random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes.remove(at: place)
        case 1: bytes.removeLast(min(bytes.count, random.below(60)))
        case 2: bytes.insert(interesting[random.below(interesting.count)], at: place)
        case 3: bytes[place] = UInt8(random.below(256))
        default: bytes[place] = interesting[random.below(interesting.count)]
        }
      }
      let path = try folder.write(bytes)
      do {
        let fitted = try declaration.fit([path])
        outcomes.rows += 1
        let again = try Dataset.read([path], schema: fitted.schema).dataset
        #expect(
          again.integers("ids").map(Array.init) == fitted.dataset.integers("ids").map(Array.init))
      } catch is DataError {
        outcomes.errors += 1
      }
    }
    #expect(outcomes.rows > 50 && outcomes.errors > 50)
  }

  @Test func generatedTablesReadAsAPlainParserReadsThem() throws {
    let alphabet = Array("ab\"\n\r, \t;é").map(String.init)
    var random = SplitMix64(seed: 12)
    for round in 0..<200 {
      var text = "a,b,c\n"
      var expected: [[String]] = []
      for _ in 0..<random.below(6) + 1 {
        var row: [String] = []
        for column in 0..<3 {
          let letters = (0..<random.below(80)).map { _ in alphabet[random.below(alphabet.count)] }
          let field = letters.joined()
          let bare = letters.filter { $0 == "a" || $0 == "b" || $0 == "é" }.joined()
          // No record may be blank.
          if random.below(2) == 0 || (column == 0 && bare.isEmpty) {
            text += " \"" + field.replacing("\"", with: "\"\"") + "\"  "
            row.append(field)
          } else {
            text += bare
            row.append(bare)
          }
          text += column < 2 ? "," : (random.below(2) == 0 ? "\n" : "\r\n")
        }
        expected.append(row)
      }
      #expect(try readFields(text, columns: columns) == expected, "round \(round)")
    }
  }

  @Test func numbersReadAsTheLibraryReadsThem() throws {
    var random = SplitMix64(seed: 13)
    var texts: [String] = [
      "9007199254740993", "0.1", "1e23", "123456789012345678901234567890", "1e-400", "4.9e-324",
      "2.2250738585072011e-308", "0.000000000000000000000000000001", "+7", "-0", "1.", ".5", "5e0",
      "9007199254740992e22", "00000000000000000000000000001.5", "1e+5", "179769313486231570e291",
    ]
    for _ in 0..<2000 {
      var text = random.below(2) == 0 ? "-" : ""
      let digits = 1 + random.below(22)
      let point = random.below(digits + 1)
      for k in 0..<digits {
        if k == point { text += "." }
        text += String(random.below(10))
      }
      if random.below(2) == 0 { text += "e\(random.below(61) - 30)" }
      texts.append(text)
    }
    let folder = try TemporaryFolder()
    let path = try folder.write("x\n" + texts.joined(separator: "\n") + "\n")
    let declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "x", column: "x", kind: .numeric(.none))
      ], labels: [])
    let values = try #require(declaration.fit([path]).dataset.floats("numeric"))
    let numbers = try texts.map { try #require(Double($0) ?? Double("0" + $0)) }
    for (k, number) in numbers.enumerated() {
      // Beyond the range of a float the nearest one is kept.
      let most = Double(Float.greatestFiniteMagnitude)
      #expect(values[k] == Float(min(max(number, -most), most)), "\(texts[k])")
    }
    for (text, number) in zip(texts, numbers).prefix(100) where number.nextUp.isFinite {
      let one = try folder.write("x\n\(text)\n", "one.csv")
      // Boundaries at the number and just above it tell it from its neighbours.
      let bucket = DataDeclaration(
        format: TableFormat(),
        features: [
          FeatureDeclaration(
            name: "x", column: "x", kind: .bucketized(.boundaries([number, number.nextUp])))
        ], labels: [])
      #expect(try bucket.fit([one]).dataset.integers("ids")?[0] == 2, "\(text)")
    }
  }
}
