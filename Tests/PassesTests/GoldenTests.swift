import Foundation
import GraphIR
import Passes
import Testing

@Suite struct GoldenTests {
  static let isUpdating = ProcessInfo.processInfo.environment["MTLC_UPDATE_GOLDEN"] == "1"

  @Test(arguments: GoldenCase.all())
  func passesGiveTheExpectedGraph(_ golden: GoldenCase) throws {
    let result = try golden.result()
    if Self.isUpdating, result != golden.expected { try golden.write(result) }
    #expect(Self.isUpdating || result == golden.expected, "\(golden) has changed")
    #expect(golden.passes.contains(golden.folder), "\(golden) is not about \(golden.folder)")
  }

  @Test func everyPassHasAGoldenFile() throws {
    let names =
      try Pipeline.standard(.train).passNames + Pipeline.standard(.predict).passNames
      + Compiler.instructionPasses
    let folders = Set(GoldenCase.all().map(\.folder))
    for name in Set(names).sorted() {
      #expect(folders.contains(name), "Tests/Golden/\(name) has no file")
    }
  }
}
