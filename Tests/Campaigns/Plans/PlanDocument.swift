import Plan
import TestSupport

/// A plan file as the fields that its bytes are made of.
final class PlanDocument {
  /// A section of the file; its body follows the rules of the page.
  struct Section {
    var tag: String
    var bytes: [UInt8]
    var body: FormatNode
    /// The body and all below it.
    var fields: [FormatNode]
  }

  /// Bytes in place of those of a field.
  struct Change {
    var section: Int
    var place: Range<Int>
    var bytes: [UInt8]
  }

  let name: String
  let sections: [Section]
  /// The bytes of the file.
  let count: Int

  init(_ name: String, _ bytes: [UInt8], _ grammar: FormatGrammar) throws {
    self.name = name
    count = bytes.count
    var sections: [Section] = []
    var place = PlanFormat.headerBytes
    while place < bytes.count - PlanFormat.checksumBytes {
      let tag = String(decoding: bytes[place..<(place + 4)], as: UTF8.self)
      let length = bytes[(place + 4)..<(place + 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
      place += 12
      let own = Array(bytes[place..<(place + length)])
      var reader = FormatReader(grammar, own[...])
      let body = try reader.read(tag)
      sections.append(Section(tag: tag, bytes: own, body: body, fields: body.all))
      place += length
    }
    self.sections = sections
    guard Self.file(sections.flatMap { Self.encoded($0.tag, Self.bytes(of: $0.body)) }) == bytes
    else { throw Fault(description: "\(name) reads otherwise") }
  }

  static func bytes(of node: FormatNode) -> [UInt8] {
    var bytes: [UInt8] = []
    node.write(to: &bytes)
    return bytes
  }

  /// A section with its tag and its length.
  static func encoded(_ tag: String, _ body: [UInt8]) -> [UInt8] {
    Array(tag.utf8) + number(body.count) + body
  }

  /// The file with some fields changed, which do not overlap.
  func file(_ changes: [Change]) -> [UInt8] {
    var all: [UInt8] = []
    all.reserveCapacity(count + 256)
    for (index, section) in sections.enumerated() {
      var body = section.bytes
      // From the end, so that earlier places stay where they are.
      let own = changes.filter { $0.section == index }
      for change in own.sorted(by: { $0.place.lowerBound > $1.place.lowerBound }) {
        body.replaceSubrange(change.place, with: change.bytes)
      }
      all += section.tag.utf8
      all += Self.number(body.count)
      all += body
    }
    return Self.file(all)
  }

  /// A file of these sections, with the length and the checksum that they need.
  static func file(_ sections: [UInt8]) -> [UInt8] {
    let count = PlanFormat.headerBytes + sections.count + PlanFormat.checksumBytes
    var bytes = PlanFormat.magic
    bytes.reserveCapacity(count)
    bytes += number(Int(PlanFormat.version)).prefix(4)
    bytes += number(count)
    bytes += sections
    let sum = Checksum.of(bytes, count: bytes.count)
    bytes += number(Int(bitPattern: UInt(sum)))
    return bytes
  }

  private static func number(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }

  /// The way from the body of a section to a field, for people.
  func path(_ field: FormatNode, in section: Int) -> String {
    func find(_ node: FormatNode, _ path: String) -> String? {
      if node === field { return "\(path):\(node.type)" }
      for (index, child) in node.children.enumerated() {
        if let found = find(child, "\(path).\(index)") { return found }
      }
      return nil
    }
    return find(sections[section].body, sections[section].tag) ?? ""
  }
}
