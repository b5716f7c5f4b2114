import Schema

/// Pieces of a page.
enum HTML {
  /// A whole page that needs nothing else: no script, no network.
  static func page(_ title: String, _ parts: [String]) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <title>\(XMLText.escaped(title))</title>
    <style>
    \(PageStyle.css)
    </style>
    </head>
    <body>
    \(parts.filter { !$0.isEmpty }.joined(separator: "\n"))
    </body>
    </html>

    """
  }

  static func section(_ title: String, _ parts: [String]) -> String {
    let parts = parts.filter { !$0.isEmpty }
    guard !parts.isEmpty else { return "" }
    return "<section><h2>\(XMLText.escaped(title))</h2>\n"
      + parts.joined(separator: "\n") + "\n</section>"
  }

  static func heading(_ text: String) -> String { "<h3>\(XMLText.escaped(text))</h3>" }

  static func paragraph(_ text: String, _ style: String = "soft") -> String {
    "<p class=\"\(style)\">\(XMLText.escaped(text))</p>"
  }

  /// Figures beside each other, as many as there is room for.
  static func row(_ figures: [String]) -> String {
    let figures = figures.filter { !$0.isEmpty }
    return figures.isEmpty
      ? "" : "<div class=\"row\">\n\(figures.joined(separator: "\n"))\n</div>"
  }

  /// - Parameter narrow: Columns that a phone has no room for.
  static func table(_ head: [String], _ rows: [[String]], narrow: Set<Int> = []) -> String {
    func cells(_ row: [String], _ tag: String) -> String {
      row.enumerated().map { place, text in
        let style = narrow.contains(place) ? " class=\"narrow\"" : ""
        return "<\(tag)\(style)>\(XMLText.escaped(text))</\(tag)>"
      }.joined()
    }
    return "<table><thead><tr>\(cells(head, "th"))</tr></thead>\n<tbody>"
      + rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n") + "</tbody></table>"
  }

  /// A title with names and values below it.
  static func card(_ title: String, _ entries: [(String, String)]) -> String {
    "<div class=\"card\">\(heading(title))<dl>"
      + entries.map { "<dt>\(XMLText.escaped($0.0))</dt><dd>\(XMLText.escaped($0.1))</dd>" }
      .joined()
      + "</dl></div>"
  }
}
