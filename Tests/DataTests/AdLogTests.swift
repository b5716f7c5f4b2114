import Data
import Foundation
import Schema
import Testing

@Suite struct AdLogTests {
  @Test func theLogIsRepeatableAndPlanted() throws {
    #expect(AdLogGenerator.fields.reduce(0) { $0 + $1.count } == 737_945)
    let folder = try TemporaryFolder()
    func write(_ train: String, _ test: String) throws -> [BestAUC] {
      try AdLogGenerator(seed: 3).write(
        train: folder.file(train), test: folder.file(test), trainRows: 500, testRows: 20_000)
    }
    let best = try write("a.csv", "b.csv")
    #expect(try write("c.csv", "d.csv") == best)
    #expect(best.map(\.task) == ["click", "purchase"])
    #expect(best.allSatisfy { (0.65...0.95).contains($0.auc) }, "\(best)")
    #expect((0.02...0.2).contains(best[0].baseRate), "\(best)")
    #expect((0.0005...0.05).contains(best[1].baseRate), "\(best)")
    let text = try String(contentsOfFile: folder.file("a.csv"), encoding: .utf8)
    #expect(try text == String(contentsOfFile: folder.file("c.csv"), encoding: .utf8))
    let lines = text.split(separator: "\n")
    #expect(lines.count == 501)
    for line in lines.dropFirst() {
      let cells = line.split(separator: ",")
      #expect(cells.count == 26)
      #expect(!(cells[1] == "0" && cells[2] == "1"))
      let ids = cells[3...].flatMap { $0.split(separator: " ") }.compactMap { Int($0) }
      #expect(ids.allSatisfy { (0..<737_945).contains($0) })
    }
  }
}
