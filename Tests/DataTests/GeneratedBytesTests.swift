import Data
import Foundation
import Testing

/// The bytes of generated files: the same seed gives them on every platform, and in every version.
@Suite struct GeneratedBytesTests {
  /// FNV-1a over a file.
  private func hash(_ path: String) throws -> String {
    let bytes = try Foundation.Data(contentsOf: URL(fileURLWithPath: path))
    let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return String(hash, radix: 16)
  }

  @Test func everyGeneratorKeepsItsBytes() throws {
    let folder = try TemporaryFolder()
    let (train, test) = (folder.file("train.csv"), folder.file("test.csv"))
    var found: [String: [String]] = [:]
    func add(_ name: String, _ write: () throws -> Void) throws {
      try write()
      found[name] = try [hash(train), hash(test)]
    }
    try add("ads") {
      _ = try SampleGenerator().write(train: train, test: test, trainRows: 500, testRows: 200)
    }
    try add("funnel") {
      _ = try FunnelGenerator().write(train: train, test: test, trainRows: 300, testRows: 200)
    }
    try add("ad log") {
      _ = try AdLogGenerator().write(train: train, test: test, trainRows: 300, testRows: 200)
    }
    try add("census") {
      _ = try CensusGenerator().write(train: train, test: test, trainRows: 400, testRows: 200)
    }
    try add("regression") {
      _ = try RegressionGenerator(correlation: 0.6, inputs: 7).write(
        train: train, test: test, trainRows: 200, testRows: 100)
    }
    try add("cold start") {
      _ = try ColdStartGenerator(trainingUsers: 12, testUsers: 5).write(
        train: train, test: test, supportRows: 4, queryRows: 6)
    }
    try add("characters") {
      let generator = CharacterGenerator(examples: 3, side: 20)
      try generator.write(train, classes: 5, first: 0)
      try generator.write(test, classes: 4, first: 5)
    }
    #expect(
      found == [
        "ads": ["30b6caa87a67ad2c", "32bb8aa8640ac20"],
        "funnel": ["4195b0763136296f", "8b3f927200e157d4"],
        "ad log": ["a4c1972467f1ef27", "48baf9c9bc3f1e7e"],
        "census": ["e0c6ae07adf8c2bb", "63e6dff34a41d065"],
        "regression": ["ba6eac82017ce01a", "1aa3052486bf425c"],
        "cold start": ["2af93364b6af0bad", "ca321771c0b893f9"],
        "characters": ["c03b931b6df8e652", "1e8e75a4a89b4a67"],
      ])
  }
}
