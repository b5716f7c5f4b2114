import Foundation
import Plan
import TestSupport
import Testing

/// docs/plan-format.md suffices to read a plan file.
@Suite struct FormatPageTests {
  private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  @Test func plansAreReadByThePageAlone() throws {
    let grammar = try FormatGrammar(page: FormatGrammar.page())
    var sections: [String] = []
    var met: Set<String> = []
    let plans = [
      SamplePlan.plan(), ConvolutionInstructionTests.plan(), SparseUpdateTests().plan(),
      GroupInstructionTests.plan(), MicroBatchPlanTests.plan(),
    ]
    for bytes in plans.map({ $0.encoded() }) {
      var place = 20
      while place < bytes.count - 8 {
        let tag = String(decoding: bytes[place..<(place + 4)], as: UTF8.self)
        let length = Int(number(bytes[(place + 4)..<(place + 12)]))
        var reader = FormatReader(grammar, bytes[(place + 12)..<(place + 12 + length)])
        var written: [UInt8] = []
        try reader.read(tag).write(to: &written)
        #expect(written[...] == bytes[(place + 12)..<(place + 12 + length)], "\(tag) reads back")
        #expect(reader.bytes.isEmpty, "\(tag) is longer than the page says")
        met.formUnion(reader.met)
        sections.append(tag)
        place += 12 + length
      }
      #expect(place == bytes.count - 8)
    }
    #expect(
      Set(sections).isSuperset(of: ["MODL", "SCHM", "TRAN", "PARM", "PROG", "WGHT", "PRGS", "MICR"])
    )
    for name in ["Instruction", "Encoder", "LabelKind"] {
      guard case .cases(let cases) = grammar.rules[name] else {
        Issue.record("the page lists no cases of \(name)")
        continue
      }
      for own in cases.values.map(\.name) {
        let isMet = met.contains("\(name).\(own)")
        #expect(isMet, "no plan has \(own)")
      }
    }
    for case (let name, .record) in grammar.rules {
      let isMet = met.contains(name)
      #expect(isMet, "no plan has a \(name)")
    }
  }

  @Test func theVersionIsTheCurrentOne() throws {
    #expect(
      try FormatGrammar.page().contains("| format version, at present \(PlanFormat.version) |"))
  }

  @Test func operationsHaveTheirCodes() throws {
    let block = try #require(FormatGrammar.page().components(separatedBy: "\n```operations\n").last)
      .components(separatedBy: "\n```")[0]
    let documented = block.components(separatedBy: CharacterSet(charactersIn: ",\n"))
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let operations = ElementwiseInstruction.Operation.allCases
    let actual = operations.map { "\($0.code) \($0.name)" }
    #expect(documented == actual)
  }

  /// The algorithm that the page describes, with the constants that it gives.
  @Test func theChecksumIsThatOfThePage() throws {
    let section = try #require(FormatGrammar.page().components(separatedBy: "## The checksum").last)
    let constants = section.matches(of: #/\b[0-9A-F]{16}\b/#).compactMap { UInt64($0.0, radix: 16) }
    try #require(constants.count == 5)
    func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
      let product = (lane ^ word) &* constants[4]
      return product << 31 | product >> 33
    }
    let bytes = SamplePlan.plan().encoded()
    let body = bytes.dropLast(8)
    var lanes = Array(constants.prefix(4))
    var place = 0
    while body.count - place >= 8 {
      let lane = place < body.count / 32 * 32 ? place / 8 % 4 : 0
      lanes[lane] = step(lanes[lane], number(body[place..<(place + 8)]))
      place += 8
    }
    lanes[0] = step(lanes[0], number(body[place...]))
    var result = lanes.dropFirst().reduce(lanes[0], step)
    result = step(result, UInt64(body.count))
    #expect(result ^ (result >> 29) == number(bytes.suffix(8)))
  }
}
