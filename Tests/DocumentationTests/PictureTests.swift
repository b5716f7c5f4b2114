import Foundation
import Testing

/// Nothing that a picture of docs/ writes is cut at its edge.
@Suite struct PictureTests {
  @Test(arguments: Repository.files.filter { $0.hasPrefix("docs/") && $0.hasSuffix(".svg") })
  func textStaysInside(_ path: String) throws {
    let picture = try Repository.text(path)
    let box = try #require(picture.firstMatch(of: #/viewBox="0 0 ([0-9]+) ([0-9]+)"/#))
    let width = try #require(Double(box.1))
    let height = try #require(Double(box.2))
    let texts = picture.matches(of: #/<text ([^>]*)>([^<]*)<\/text>/#)
    #expect(texts.count > 5)
    let centred = picture.contains("text-anchor: middle")
    for text in texts {
      let attributes = String(text.1)
      let x = try #require(attribute("x", of: attributes).flatMap(Double.init))
      let y = try #require(attribute("y", of: attributes).flatMap(Double.init))
      let anchor = attribute("text-anchor", of: attributes) ?? (centred ? "middle" : "start")
      // A little less than the letters of a common font take on average.
      let extent = 6.0 * Double(text.2.count)
      let left = x - (anchor == "middle" ? extent / 2 : anchor == "end" ? extent : 0)
      #expect(left >= 0 && left + extent <= width, "\(path): \"\(text.2)\" is cut")
      #expect(y > 8 && y < height, "\(path): \"\(text.2)\" is cut")
    }
  }

  private func attribute(_ name: String, of attributes: String) -> String? {
    guard let start = attributes.range(of: "\(name)=\"") else { return nil }
    return String(attributes[start.upperBound...].prefix { $0 != "\"" })
  }
}
