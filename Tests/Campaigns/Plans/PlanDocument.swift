import Plan
import TestSupport

/// A plan file as the fields that its bytes are made of.
final class PlanDocument {
  /// A section of the file; its body follows the rules of the page.
  struct Section {
    var tag: String
    var body: FormatNode
  }

  let name: String
  var sections: [Section] = []

  init(_ name: String, _ bytes: [UInt8], _ grammar: FormatGrammar) throws {
    self.name = name
    var place = PlanFormat.headerBytes
    while place < bytes.count - PlanFormat.checksumBytes {
      let tag = String(decoding: bytes[place..<(place + 4)], as: UTF8.self)
      let length = bytes[(place + 4)..<(place + 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
      place += 12
      var reader = FormatReader(grammar, bytes[place..<(place + length)])
      sections.append(Section(tag: tag, body: try reader.read(tag)))
      place += length
    }
    guard Self.file(encoded) == bytes else { throw Fault(description: "\(name) reads otherwise") }
  }

  /// The sections one after the other.
  var encoded: [UInt8] { sections.flatMap { Self.encoded($0) } }

  static func encoded(_ section: Section) -> [UInt8] {
    var body: [UInt8] = []
    section.body.write(to: &body)
    return Array(section.tag.utf8) + Self.number(body.count) + body
  }

  /// A file of these sections, with the length and the checksum that they need.
  static func file(_ sections: [UInt8]) -> [UInt8] {
    let count = PlanFormat.headerBytes + sections.count + PlanFormat.checksumBytes
    var bytes = PlanFormat.magic
    bytes += number(Int(PlanFormat.version)).prefix(4)
    bytes += number(count)
    bytes += sections
    let sum = Checksum.of(bytes, count: bytes.count)
    return bytes + number(Int(bitPattern: UInt(sum)))
  }

  private static func number(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
