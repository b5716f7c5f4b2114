import Data
import Foundation
import Schema
import Testing

@Suite struct SampleGeneratorTests {
  @Test func sampleIsRepeatableAndPlanted() throws {
    let folder = try TemporaryFolder()
    let best = try SampleGenerator().write(
      train: folder.file("a.csv"), test: folder.file("b.csv"), trainRows: 2000, testRows: 8000)
    #expect(best.map(\.task) == ["click", "purchase"])
    #expect(best.allSatisfy { (0.79...0.87).contains($0.auc) })
    #expect((0.17...0.23).contains(best[0].baseRate))
    #expect((0.055...0.085).contains(best[1].baseRate))
    let again = try SampleGenerator().write(
      train: folder.file("c.csv"), test: folder.file("d.csv"), trainRows: 2000, testRows: 8000)
    #expect(again == best)
    func bytes(_ name: String) throws -> [UInt8] {
      Array(try Foundation.Data(contentsOf: URL(fileURLWithPath: folder.file(name))))
    }
    #expect(try bytes("a.csv") == bytes("c.csv") && bytes("b.csv") == bytes("d.csv"))
    #expect(try bytes("a.csv") != bytes("b.csv"))
    // The first bytes of the default sample, the same on every platform.
    let text = String(decoding: try bytes("a.csv").prefix(400), as: UTF8.self)
    #expect(text.hasPrefix(SampleGenerator.columns.joined(separator: ",") + "\n"))
  }

  @Test func purchasesAreClicks() throws {
    let folder = try TemporaryFolder()
    _ = try SampleGenerator(seed: 9).write(
      train: folder.file("a.csv"), test: folder.file("b.csv"), trainRows: 1500, testRows: 10)
    let labels = ["click", "purchase"].map { LabelSchema(task: $0, column: $0, kind: .binary) }
    let declaration = DataDeclaration(format: TableFormat(), features: [], labels: labels)
    let values = try #require(
      declaration.fit([folder.file("a.csv")]).dataset.floats(FeedLayout.labels))
    for row in 0..<1500 { #expect(values[row * 2] >= values[row * 2 + 1]) }
  }
}
