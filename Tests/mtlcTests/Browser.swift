import Foundation
import Testing

/// Chromium without a window, where it is installed.
enum Browser {
  static let path: String? = ["chromium", "chromium-browser", "google-chrome"].lazy.flatMap {
    name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map {
      "\($0)/\(name)"
    }
  }.first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What is wrong with the layout of pages: texts outside their picture or over each other, anything wider
  /// than the page. Empty for nothing.
  ///
  /// The pages stand in frames of each width on one page, whose script looks at them.
  static func findings(_ pages: [String], widths: [Int], in bench: Workbench) throws -> String {
    let frames = pages.flatMap { page in
      widths.map { width in
        "<iframe width=\"\(width)\" height=\"900\" srcdoc=\"\(escaped(page))\"></iframe>"
      }
    }.joined(separator: "\n")
    try bench.write(
      "<!DOCTYPE html><html><body>\(frames)<script>\(script)</script></body></html>",
      to: "frames.html")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
      "--user-data-dir=\(bench.path)/browser", "--window-size=1400,1000", "--dump-dom",
      "file://\(bench.path)/frames.html",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    let start = try #require(text.range(of: "<pre id=\"findings\">"), "\(text.prefix(500))")
    let end = try #require(text[start.upperBound...].range(of: "</pre>"))
    return String(text[start.upperBound..<end.lowerBound])
  }

  private static func escaped(_ html: String) -> String {
    html.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "\"", with: "&quot;")
  }

  private static let script = """
    window.addEventListener('load', () => {
      const bad = [];
      document.querySelectorAll('iframe').forEach((frame, number) => {
        const page = frame.contentDocument, width = frame.clientWidth;
        const say = text => bad.push(`frame ${number}, ${width} wide: ${text}`);
        if (!page || !page.querySelector('h1')) { say('is empty'); return; }
        const root = page.documentElement;
        if (root.scrollWidth > root.clientWidth) say(`is ${root.scrollWidth} wide`);
        page.querySelectorAll('p, li, td, th, dt, dd, h1, h2, h3, pre, figure').forEach(e => {
          const box = e.getBoundingClientRect();
          if (box.width && box.right > root.clientWidth + 1) say(`outside the page: ${e.textContent.slice(0, 60)}`);
          if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) say(`wider than its box: ${e.textContent.slice(0, 60)}`);
        });
        page.querySelectorAll('svg').forEach(svg => {
          const outer = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll('text')].map(e => [e, e.getBoundingClientRect()]);
          texts.forEach(([e, b], k) => {
            if (b.left < outer.left - 1 || b.right > outer.right + 1 || b.top < outer.top - 1 || b.bottom > outer.bottom + 1)
              say(`outside its picture: ${e.textContent}`);
            texts.slice(0, k).forEach(([f, c]) => {
              const x = Math.min(b.right, c.right) - Math.max(b.left, c.left);
              const y = Math.min(b.bottom, c.bottom) - Math.max(b.top, c.top);
              if (x > 1 && y > 0.35 * Math.min(b.height, c.height)) say(`over each other: ${e.textContent} / ${f.textContent}`);
            });
          });
        });
      });
      const pre = document.createElement('pre');
      pre.id = 'findings';
      pre.textContent = bad.slice(0, 40).join('\\n');
      document.body.replaceChildren(pre);
    });
    """
}
