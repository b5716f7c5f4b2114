import Foundation
import Testing

/// Chromium without a window, where it is installed.
enum Browser {
  enum Theme: Int, CaseIterable { case dark, light }

  static let path: String? = ["chromium", "chromium-browser", "google-chrome"].lazy.flatMap {
    name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map {
      "\($0)/\(name)"
    }
  }.first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What is wrong with pages: texts outside their box or picture, over each other or hardly to be told from
  /// what is behind them, anything wider than the page, messages on the console. Empty for nothing.
  ///
  /// The pages stand in frames of each width on one page, whose script looks at them.
  static func findings(
    _ pages: [String], widths: [Int], theme: Theme = .light, in bench: Workbench
  ) throws -> String {
    let frames = pages.flatMap { page in
      widths.map { width in
        "<iframe width=\"\(width)\" height=\"900\" srcdoc=\"\(escaped(page))\"></iframe>"
      }
    }.joined(separator: "\n")
    try bench.write(
      """
      <!DOCTYPE html><html><head><meta name="color-scheme" content="light dark"/></head>
      <body>\(frames)<script>\(script(theme))</script></body></html>
      """, to: "frames.html")
    let log = "\(bench.path)/browser.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
      "--user-data-dir=\(bench.path)/browser", "--window-size=1400,1000", "--enable-logging=stderr",
      "--blink-settings=preferredColorScheme=\(theme.rawValue)", "--dump-dom",
      "file://\(bench.path)/frames.html",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    let start = try #require(text.range(of: "<pre id=\"findings\">"), "\(text.prefix(500))")
    let end = try #require(text[start.upperBound...].range(of: "</pre>"))
    let messages = String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self)
      .split(separator: "\n").filter { $0.contains(":CONSOLE") }
    return (messages.map(String.init) + [String(text[start.upperBound..<end.lowerBound])])
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func escaped(_ html: String) -> String {
    html.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "\"", with: "&quot;")
  }

  private static func script(_ theme: Theme) -> String {
    """
    // Red, green, blue from 0 to 1 and how much of what is behind is hidden.
    const parts = color => (color.match(/[\\d.]+/g) || []).map(Number).map((v, k) => k < 3 ? v / 255 : v);
    const light = color => {
      const [r, g, b] = parts(color).slice(0, 3).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    // The ratio of lightness by which the Web Content Accessibility Guidelines measure contrast.
    const contrast = (a, b) => {
      const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    const behind = (element, style) => {
      for (let e = element; e; e = e.parentElement) {
        const color = style(e).backgroundColor;
        if (parts(color)[3] !== 0) return color;
      }
      return '\(theme == .dark ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)")';
    };
    window.addEventListener('load', () => {
      const bad = [];
      document.querySelectorAll('iframe').forEach((frame, number) => {
        const page = frame.contentDocument, width = frame.clientWidth;
        const say = text => bad.push(`frame ${number}, ${width} wide, \(theme): ${text}`);
        if (!page || !page.querySelector('h1')) { say('is empty'); return; }
        const root = page.documentElement, style = e => frame.contentWindow.getComputedStyle(e);
        if (frame.contentWindow.matchMedia('(prefers-color-scheme: dark)').matches !== \(theme == .dark))
          say('has the other theme');
        if (root.scrollWidth > root.clientWidth) say(`is ${root.scrollWidth} wide`);
        page.querySelectorAll('p, li, td, th, dt, dd, h1, h2, h3, pre, figure').forEach(e => {
          const box = e.getBoundingClientRect();
          if (box.width && box.right > root.clientWidth + 1) say(`outside the page: ${e.textContent.slice(0, 60)}`);
          if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) say(`wider than its box: ${e.textContent.slice(0, 60)}`);
          if (box.width && e.textContent.trim() && contrast(style(e).color, behind(e, style)) < 3)
            say(`hardly to be read: ${e.textContent.slice(0, 60)}`);
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
}
