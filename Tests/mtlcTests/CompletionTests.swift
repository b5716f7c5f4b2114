import Foundation
import Testing

/// What `mtlc completions` prints, as the shells take it.
@Suite struct CompletionTests {
  private static func has(_ program: String) -> Bool {
    ["/bin/", "/usr/bin/", "/usr/local/bin/"].contains {
      FileManager.default.isExecutableFile(atPath: $0 + program)
    }
  }

  private func run(_ program: String, _ arguments: [String], in bench: Workbench) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: bench.path)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    return text
  }

  /// Words typed so far, the last one unfinished, and what may follow.
  private static let lines: [(words: [String], expected: [String])] = [
    (["mtlc", "tr"], ["train"]),
    (["mtlc", "train", "--mo"], ["--mode"]),
    (["mtlc", "train", "--mode", "e"], ["eager"]),
    (["mtlc", "train", "sp"], ["spec.json5"]),
    (["mtlc", "data", "s"], ["stats", "synth"]),
    (["mtlc", "completions", "b"], ["bash"]),
    (["mtlc", "run", "p", "--on-error", "s"], ["stop", "skip"]),
    (["mtlc", "compile", "spec.json5", "-o", "sp"], ["spec.json5"]),
    (["mtlc", "compile", "spec.json5", "--emit", "p"], ["plan"]),
  ]

  @Test(.enabled(if: has("bash"), "bash is not installed")) func bashCompletes() throws {
    let bench = try Workbench()
    try bench.write(try bench.expect(0, ["completions", "bash"]).output, to: "mtlc.bash")
    for (words, expected) in Self.lines {
      let line = words.map { "'\($0)'" }.joined(separator: " ")
      let script = """
        source ./mtlc.bash; COMP_WORDS=(\(line)); COMP_CWORD=\(words.count - 1); _mtlc
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      let replies = try run("bash", ["--norc", "-c", script], in: bench).split(separator: "\n")
      #expect(Set(replies.map(String.init)) == Set(expected), "\(words)")
    }
  }

  @Test(.enabled(if: has("zsh"), "zsh is not installed")) func zshTakesIt() throws {
    let bench = try Workbench()
    try bench.write(try bench.expect(0, ["completions", "zsh"]).output, to: "_mtlc")
    #expect(try run("zsh", ["-f", "-n", "_mtlc"], in: bench).isEmpty)
    let script = "autoload -U compinit; compinit -u -D; source ./_mtlc; whence -w _mtlc"
    #expect(try run("zsh", ["-f", "-c", script], in: bench).contains("_mtlc: function"))
  }

  @Test(.enabled(if: has("fish"), "fish is not installed")) func fishCompletes() throws {
    let bench = try Workbench()
    try bench.write(try bench.expect(0, ["completions", "fish"]).output, to: "mtlc.fish")
    for (words, expected) in Self.lines where words.count < 4 {
      let script = "source mtlc.fish; complete -C '\(words.joined(separator: " "))'"
      let replies = try run("fish", ["--no-config", "-c", script], in: bench)
      for word in expected { #expect(replies.contains(word), "\(words): \(replies)") }
    }
  }

  /// Every command, option and exit code is in all of them.
  @Test func nothingIsLeftOut() throws {
    let bench = try Workbench(empty: ())
    let help = try bench.expect(0, ["help", "train"]).output
    let options = help.split(separator: " ").filter { $0.hasPrefix("--") && $0.count > 4 }
      .map { $0.prefix { $0 != "\n" } }
    for form in ["bash", "zsh", "fish"] {
      let text = try bench.expect(0, ["completions", form]).output
      for option in options where option.allSatisfy({ $0.isLetter || $0 == "-" }) {
        #expect(text.contains(form == "fish" ? "-l \(option.dropFirst(2))" : String(option)))
      }
      #expect(text.contains("train") && text.contains("completions"))
    }
    try bench.expect(
      2, ["completions", "bsh"], says: ["SHELL bsh", "bash, zsh, fish, man", "did you mean bash"])
    try bench.expect(2, ["completions"], says: ["SHELL is missing"])
  }

  @Test func theManPageHasItsSections() throws {
    let bench = try Workbench(empty: ())
    let page = try bench.expect(0, ["completions", "man"]).output
    for text in [".TH MTLC 1", ".SH NAME", ".SS mtlc train SPEC", "\\-\\-mode", ".SH EXIT STATUS"] {
      #expect(page.contains(text), "\(text)")
    }
    // Whatever begins with a point is a request that man knows.
    let requests = page.split(separator: "\n").filter { $0.hasPrefix(".") }
      .map { $0.prefix { $0 != " " } }
    #expect(
      Set(requests).isSubset(of: [
        ".TH", ".SH", ".SS", ".B", ".BR", ".I", ".TP", ".PP", ".nf", ".fi",
      ]))
    try bench.write(page, to: "mtlc.1")
    guard Self.has("groff") else { return }
    let shown = try run("groff", ["-man", "-Tutf8", "-ww", "mtlc.1"], in: bench)
    #expect(
      !shown.contains("warning") && shown.contains("a mistake in mtlc itself"),
      "\(shown.prefix(500))")
  }
}
