import Foundation
import TestSupport

/// Changes plans, field by field as the page of the format names them.
struct PlanMutator {
  let grammar: FormatGrammar
  /// Values to put in place of others of the same type.
  private var donors: [String: [FormatNode]] = [:]
  private var numbers: [Int64] = []

  private static let extremes: [Int64] = [
    0, 1, -1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 64, 255, 256, 1 << 15, 1 << 16, 1 << 20,
    1 << 24, (1 << 24) + 1, 1 << 28, 1 << 30, Int64(Int32.max), 1 << 31, Int64(UInt32.max), 1 << 32,
    1 << 38, 1 << 39, 1 << 40, (1 << 40) + 1, 1 << 41, 1 << 52, 1 << 53, 1 << 61, 1 << 62,
    .max - 1, .max, .min, .min + 1, -2, Int64(Int32.min),
  ]
  private static let doubles: [Double] = [
    0, -0.0, 1, -1, 0.5, .nan, .infinity, -.infinity, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e-30, 1e30, 1e18, 9.3e18, 2,
    1 - 0x1p-53, 1e9,
  ]
  private static let texts = [
    "", "\0", "\n", ",", "-", String(repeating: "a.", count: 40_000), "/dev/zero", "/",
    String(repeating: "x", count: 100_000), "loss", "labels", "ids", "\u{1B}[2J", "😀", "..", ".",
  ]

  init(_ grammar: FormatGrammar, _ documents: [PlanDocument]) {
    self.grammar = grammar
    for node in documents.flatMap(\.sections).flatMap(\.fields) {
      guard donors[node.type, default: []].count < 400 else { continue }
      donors[node.type, default: []].append(node)
      if case .int(let value) = node.content { numbers.append(value) }
    }
  }

  /// Bytes of a file that is the document after a few changes.
  func mutate(_ document: PlanDocument, _ test: inout Case) -> [UInt8] {
    if test.random.isOne(in: 24) { return Self.rearranged(document, &test) }
    let sections = document.sections.indices
    // Programs have most of the fields, and most of what can go wrong.
    let programs = sections.filter { document.sections[$0].tag == "PROG" }
    var changes: [PlanDocument.Change] = []
    for _ in 0...(test.random.isOne(in: 3) ? test.random.below(3) : 0) {
      let section = test.random.pick(test.random.isOne(in: 2) ? Array(sections) : programs)
      let field = test.random.pick(document.sections[section].fields)
      let content = changed(field, &test)
      guard let place = field.place,
        !changes.contains(where: {
          $0.section == section && ($0.place.overlaps(place) || $0.place == place)
        })
      else { continue }
      test.note(
        "\(document.name) \(document.path(field, in: section)): \(Self.text(field.content))"
          + " → \(Self.text(content))")
      let bytes = PlanDocument.bytes(of: FormatNode(field.type, content))
      changes.append(PlanDocument.Change(section: section, place: place, bytes: bytes))
    }
    return document.file(changes)
  }

  private static func text(_ content: FormatNode.Content) -> String {
    switch content {
    case .int(let value): "\(value)"
    case .bytes(let bytes): "\(bytes.prefix(24)) (\(bytes.count) bytes)"
    case .items(let nodes): "\(nodes.count) items"
    case .record(let nodes): "a record of \(nodes.count)"
    case .choice(let code, let nodes): "case \(code) of \(nodes.count)"
    }
  }

  /// What may stand in place of a field.
  private func changed(_ node: FormatNode, _ test: inout Case) -> FormatNode.Content {
    if test.random.isOne(in: 8), let other = donors[node.type].map({ test.random.pick($0) }) {
      return other.content
    }
    switch node.content {
    case .int(let value): return .int(number(value, &test.random))
    case .bytes(let bytes): return .bytes(Self.changed(bytes, node.type, &test.random))
    case .items(let nodes): return .items(changed(nodes, node.type, &test.random))
    case .record(let fields):
      if node.type == "View", !test.random.isOne(in: 3) {
        return .record(Self.hostile(fields, &test.random))
      }
      return donors[node.type].map { test.random.pick($0).content } ?? node.content
    case .choice:
      guard case .cases(let cases) = grammar.rules[node.type] else { return node.content }
      let other = test.random.pick(cases.keys.sorted())
      return .choice(other, (cases[other]?.fields ?? []).map { made($0.type, &test.random) })
    }
  }

  private func number(_ value: Int64, _ random: inout Random) -> Int64 {
    switch random.below(6) {
    case 0: value &+ 1
    case 1: value &- 1
    case 2: random.isOne(in: 2) ? value &* 2 : value / 2
    case 3: random.pick(numbers)
    default: random.pick(Self.extremes)
    }
  }

  private static func changed(
    _ bytes: [UInt8], _ type: String, _ random: inout Random
  ) -> [UInt8] {
    switch type {
    case "f32": return Self.bytes(Float(random.pick(doubles)).bitPattern)
    case "f64": return Self.bytes(random.pick(doubles).bitPattern)
    case "u64": return Self.bytes(random.isOne(in: 2) ? UInt64.max : random.next())
    case "flag": return [random.isOne(in: 16) ? 2 : 1 - min(1, bytes[0])]
    case "u8": return [random.isOne(in: 2) ? bytes[0] &+ 1 : UInt8(random.below(256))]
    case "[f32]":
      var bytes = bytes
      if random.isOne(in: 4) { return Array(bytes.dropLast(4 * (1 + random.below(3)))) }
      if random.isOne(in: 8) { return [] }
      if random.isOne(in: 8) { return bytes + [0, 0, 0, 0] }
      for _ in 0...random.below(4) where !bytes.isEmpty {
        let place = 4 * random.below(bytes.count / 4)
        bytes.replaceSubrange(
          place..<(place + 4), with: Self.bytes(Float(random.pick(doubles)).bitPattern))
      }
      return bytes
    default:
      if random.isOne(in: 4) { return bytes + [0xFF] }
      if random.isOne(in: 2) { return bytes.dropLast() + [UInt8(32 + random.below(90))] }
      return Array(random.pick(texts).utf8)
    }
  }

  private static func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }

  private func changed(
    _ nodes: [FormatNode], _ type: String, _ random: inout Random
  ) -> [FormatNode] {
    var nodes = nodes
    if type.hasSuffix("?") {
      return nodes.isEmpty ? [made(String(type.dropLast()), &random)] : []
    }
    let place = random.below(nodes.count)
    switch random.below(nodes.isEmpty ? 1 : 7) {
    case 0: nodes.insert(made(String(type.dropFirst().dropLast()), &random), at: place)
    case 1: nodes.remove(at: place)
    case 2: nodes.append(nodes[place])
    case 3: nodes.swapAt(place, random.below(nodes.count))
    case 4: nodes.reverse()
    case 5: nodes = []
    default: nodes += [FormatNode](repeating: nodes[place], count: 1 + random.below(200))
    }
    return nodes
  }

  /// A value of a type: another's, or one that is made by the rules.
  private func made(_ type: String, _ random: inout Random) -> FormatNode {
    if !random.isOne(in: 4), let others = donors[type], !others.isEmpty {
      return random.pick(others)
    }
    if type.hasSuffix("?") || (type.hasPrefix("[") && type != "[f32]") {
      return FormatNode(type, .items([]))
    }
    switch type {
    case "int": return FormatNode(type, .int(number(0, &random)))
    case "u8", "flag": return FormatNode(type, .bytes([0]))
    case "f32": return FormatNode(type, .bytes([0, 0, 128, 63]))
    case "u64", "f64": return FormatNode(type, .bytes([0, 0, 0, 0, 0, 0, 0, 0]))
    case "text", "[f32]": return FormatNode(type, .bytes([]))
    default:
      switch grammar.rules[type] {
      case .record(let fields):
        return FormatNode(type, .record(fields.map { made($0.type, &random) }))
      case .cases(let cases):
        let code = random.pick(cases.keys.sorted())
        return FormatNode(
          type, .choice(code, (cases[code]?.fields ?? []).map { made($0.type, &random) }))
      case nil: return FormatNode(type, .record([]))
      }
    }
  }

  /// The fields of a view (buffer, offset, extents, strides) with sizes that repeat elements, overlap
  /// or leave the buffer, in ways that single numbers hardly reach.
  private static func hostile(_ fields: [FormatNode], _ random: inout Random) -> [FormatNode] {
    guard fields.count == 4, case .items(let extents) = fields[2].content else { return fields }
    let size: Int64 = random.pick([1 << 8, 1 << 20, 1 << 28, 1 << 32, 1 << 38, 1 << 40])
    let stride: Int64 = random.pick([0, 0, 1, 2])
    let large = FormatNode("Extent", .choice(0, [FormatNode("int", .int(size))]))
    let sizes = extents.map { random.isOne(in: 2) ? $0 : large }
    let strides = extents.map { _ in FormatNode("int", .int(stride)) }
    return [
      fields[0], fields[1], FormatNode(fields[2].type, .items(sizes)),
      FormatNode(fields[3].type, .items(strides)),
    ]
  }

  /// Sections that are swapped, repeated, left out or cut, or whose bytes are changed anywhere.
  private static func rearranged(_ document: PlanDocument, _ test: inout Case) -> [UInt8] {
    var parts = document.sections.map { PlanDocument.encoded($0.tag, $0.bytes) }
    let place = test.random.below(parts.count)
    let kind = test.random.below(6)
    test.note("\(document.name): rearranged by way \(kind) at section \(place)")
    switch kind {
    case 0: parts.swapAt(place, test.random.below(parts.count))
    case 1: parts.append(parts[place])
    case 2: parts.insert(parts[place], at: test.random.below(parts.count))
    case 3: parts.remove(at: place)
    case 4:
      let all = parts.flatMap { $0 }
      return PlanDocument.file(Array(all.prefix(test.random.below(all.count))))
    default:
      var all = parts.flatMap { $0 }
      for _ in 0...test.random.below(4) {
        all[test.random.below(all.count)] = UInt8(test.random.below(256))
      }
      return PlanDocument.file(all)
    }
    return PlanDocument.file(parts.flatMap { $0 })
  }
}
