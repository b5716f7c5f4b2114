import Foundation
import Testing

/// Pages of reports in a browser, as wide as a screen and as a phone, light and dark.
@Suite(.enabled(if: Browser.path != nil, "there is no Chromium"))
struct ReportBrowserTests {
  private static let examples = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "examples")
  private static let adult = examples.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "shared/data/adult")

  /// Trains an example, looks at the page.
  private func check(_ example: String, _ options: [String]) throws {
    let bench = try Workbench(empty: ())
    try bench.write(
      String(contentsOf: Self.examples.appending(path: "\(example).json5"), encoding: .utf8),
      to: "spec.json5")
    try bench.expect(0, ["train", "spec.json5", "-o", "out"] + options)
    let page = try bench.text("out/report.html")
    #expect(page.utf8.count < 1_000_000)
    try expectNoFindings([page], in: bench)
  }

  private func expectNoFindings(_ pages: [String], in bench: Workbench) throws {
    for theme in Browser.Theme.allCases {
      let findings = try Browser.findings(pages, widths: [1280, 390], theme: theme, in: bench)
      #expect(findings == "", "\(findings)")
    }
  }

  @Test(
    arguments: [
      "sample-mmoe", "synthetic-funnel-v4", "cold-start-maml", "synthetic-regression-mmoe",
    ])
  func examplesFitScreens(_ example: String) throws {
    // One epoch shows all that a page has; learning from episodes has none.
    try check(example, example.hasSuffix("maml") ? [] : ["--set", "training.epochs=1"])
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: adult.path), "there is no ../shared/data/adult"))
  func adultFitsScreens() throws {
    try check(
      "adult-buckets-mmoe",
      [
        "--set", "training.epochs=1", "--set", "data.train=\(Self.adult.path)/adult.data", "--set",
        "data.test=\(Self.adult.path)/adult.test",
      ])
  }

  /// A long name and many experts; a search.
  @Test func unusualPagesFitScreens() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "rows"])
    try bench.expect(
      0,
      [
        "train", "spec.json5", "-o", "one", "--set", "training.epochs=1", "--set",
        "model.num_experts=24", "--set", "name=a-name-that-is-longer-than-any-name-has-to-be",
      ])
    try bench.expect(0, ["tune", "spec.json5", "--trials", "6", "-o", "search"])
    try expectNoFindings(
      ["rows/report.html", "one/report.html", "search/search.html"].map { try bench.text($0) },
      in: bench)
  }

  /// Planted faults: the check itself sees them.
  @Test func faultsAreFound() throws {
    let bench = try Workbench(empty: ())
    let page = """
      <!DOCTYPE html><html><body><h1>A page</h1><p style="width: 2000px">wide</p>
      <p style="color: #777; background: #666">faint</p>
      <svg width="100" height="20"><text x="90" y="15">outside</text><text x="88" y="15">over</text></svg>
      <script>nothing.there()</script></body></html>
      """
    let findings = try Browser.findings([page], widths: [390], in: bench)
    for text in [
      "CONSOLE", "light: is 2", "outside the page: wide", "hardly to be read: faint",
      "outside its picture: outside", "over each other: over / outside",
    ] {
      #expect(findings.contains(text), "\(text) is not in \(findings)")
    }
    #expect(!findings.contains("hardly to be read: wide"))
  }
}
