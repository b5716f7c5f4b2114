import Foundation
import Report
import Schema
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Pictures of diagrams, as text.
@Suite struct DiagramTests {
  private typealias Block = ModelDiagram.Block
  private typealias Arrow = ModelDiagram.Arrow

  /// Two inputs, three layers side by side, an output; names that a document must not take as its own.
  private static let diagram = ModelDiagram(
    title: "a <b> & \"c\"",
    blocks: [
      Block(.input, "numbers", lines: ["5 a row"]),
      Block(.table, "user", lines: ["100 × 8"], weights: 800),
      Block(.layers, "experts × 3", lines: ["13 → 4", "ünï 中文"], weights: 12_345),
      Block(.layers, "gate\u{1}"), Block(.layers, "tower"), Block(.output, "click"),
    ],
    arrows: [
      Arrow(0, 2), Arrow(1, 2), Arrow(0, 3), Arrow(1, 3), Arrow(2, 4), Arrow(3, 4), Arrow(4, 5),
      // What reads itself, and what leads back.
      Arrow(4, 4), Arrow(4, 2),
    ])

  /// The attributes of all elements of a document, in order.
  private final class Elements: NSObject, XMLParserDelegate {
    var found: [(name: String, attributes: [String: String], text: String)] = []
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) { found.append((name, attributes, "")) }
    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if !found.isEmpty { found[found.count - 1].text += text }
    }
  }

  private func elements(
    _ svg: String
  ) throws -> [(name: String, attributes: [String: String], text: String)] {
    let parser = XMLParser(data: Data(svg.utf8))
    let elements = Elements()
    parser.delegate = elements
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    // Between elements stand line breaks.
    return elements.found.map {
      ($0.name, $0.attributes, $0.text.trimmingCharacters(in: .newlines))
    }
  }

  private struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }

  private func boxes(
    _ elements: [(name: String, attributes: [String: String], text: String)]
  ) throws -> [Box] {
    try elements.filter { $0.name == "rect" && $0.attributes["class"] != "page" }.map { element in
      func number(_ key: String) throws -> Double {
        try #require(element.attributes[key].flatMap { Double($0) })
      }
      return Box(
        x: try number("x"), y: try number("y"), width: try number("width"),
        height: try number("height"))
    }
  }

  @Test func nothingOverlapsOrLeavesThePage() throws {
    let elements = try elements(Self.diagram.svg)
    let boxes = try boxes(elements)
    #expect(boxes.count == 6)
    let page = try #require(elements.first?.attributes)
    let width = try #require(page["width"].flatMap { Double($0) })
    let height = try #require(page["height"].flatMap { Double($0) })
    #expect(page["viewBox"] == "0 0 \(page["width"] ?? "") \(page["height"] ?? "")")
    for (k, box) in boxes.enumerated() {
      #expect(box.x >= 0 && box.y >= 40 && box.x + box.width <= width)
      #expect(box.y + box.height <= height)
      for other in boxes[(k + 1)...] {
        let isApart =
          box.x + box.width < other.x || other.x + other.width < box.x
          || box.y + box.height < other.y || other.y + other.height < box.y
        #expect(isApart)
      }
    }
    // From left to right.
    for (from, to) in [(0, 2), (1, 3), (2, 4), (3, 4), (4, 5)] {
      #expect(boxes[from].x + boxes[from].width < boxes[to].x)
    }
    let paths = elements.filter { $0.name == "path" && $0.attributes["class"] == "arrow" }
    #expect(paths.count == 7)
    // Each text is in its box, were a character two thirds of its size wide.
    let texts = elements.filter { $0.name == "text" && $0.attributes["class"] != "title" }
    #expect(texts.map(\.text).contains("12,345 weights"))
    #expect(texts.map(\.text).contains("gate\u{FFFD}"))
    for text in texts {
      let x = try #require(text.attributes["x"].flatMap { Double($0) })
      let y = try #require(text.attributes["y"].flatMap { Double($0) })
      let size = text.attributes["class"] == "name" ? 14.0 : 12.0
      let half = 0.6 * size * Double(MessageText.width(text.text)) / 2
      #expect(
        boxes.contains {
          $0.x <= x - half && x + half <= $0.x + $0.width && $0.y < y - size * 0.7
            && y + 3 < $0.y + $0.height
        }, "\(text.text)")
    }
    #expect(elements.contains { $0.text == "a <b> & \"c\"" })
  }

  /// However short the way to it is.
  @Test func outputsLieInTheLastColumn() throws {
    let diagram = ModelDiagram(
      title: "two tasks",
      blocks: [
        Block(.input, "x"), Block(.output, "early"), Block(.layers, "a"), Block(.layers, "b"),
        Block(.output, "late"),
      ],
      arrows: [Arrow(0, 1), Arrow(0, 2), Arrow(2, 3), Arrow(3, 4)])
    let boxes = try boxes(elements(diagram.svg))
    try #require(boxes.count == 5)
    let middles = boxes.map { $0.x + $0.width / 2 }
    #expect(abs(middles[1] - middles[4]) < 1 && middles[3] < middles[4])
  }

  @Test func graphvizGetsTheSame() {
    let dot = Self.diagram.dot
    #expect(dot.hasPrefix("digraph \"a <b> & \\\"c\\\"\" {\n"))
    #expect(dot.contains("n2 [label=\"experts × 3\\n13 → 4\\nünï 中文\\n12,345 weights\""))
    #expect(dot.contains("  n0 -> n2;\n") && dot.contains("  n4 -> n2;\n"))
    #expect(dot.hasSuffix("}\n"))
  }

  @Test func anEmptyDiagramIsAPage() throws {
    let empty = ModelDiagram(title: "nothing", blocks: [], arrows: [])
    #expect(try boxes(elements(empty.svg)).isEmpty)
    #expect(empty.dot.contains("nothing"))
  }
}
