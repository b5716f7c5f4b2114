/// C source that is written line by line, indented by its blocks.
struct CText {
  private(set) var text = ""
  private var depth: Int

  init(depth: Int = 0) { self.depth = depth }

  /// A statement, or an empty line.
  mutating func line(_ line: String = "") {
    text += line.isEmpty ? "\n" : String(repeating: "  ", count: depth) + line + "\n"
  }

  /// Lines with the same indentation.
  mutating func lines(_ lines: String) {
    for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
      self.line(String(line))
    }
  }

  /// Remarks, each on lines of its own; a long one is wrapped.
  mutating func comment(_ text: String) {
    let lines = CLiteral.comment(text).wrapped(width: 90 - 2 * depth)
    for (index, line) in lines.enumerated() {
      self.line((index == 0 ? "/* " : "   ") + line + (index == lines.count - 1 ? " */" : ""))
    }
  }

  /// Begins a block: `head {`.
  mutating func open(_ head: String) {
    line(head.isEmpty ? "{" : head + " {")
    depth += 1
  }

  /// Ends a block: `}` and what follows it.
  mutating func close(_ tail: String = "") {
    depth -= 1
    line("}" + tail)
  }

  /// What was written apart, with its own indentation.
  mutating func append(_ other: CText) { text += other.text }

  /// `head {`, what the body writes, `}`.
  mutating func block(
    _ head: String, _ body: (inout CText) throws(ExportError) -> Void
  ) throws(ExportError) {
    open(head)
    try body(&self)
    close()
  }

  /// A loop over `0..<count`.
  mutating func loop(
    _ variable: String, _ count: Int, _ body: (inout CText) throws(ExportError) -> Void
  ) throws(ExportError) {
    try block("for (int \(variable) = 0; \(variable) < \(count); \(variable)++)", body)
  }

  /// Values between braces, as many on a line as fit.
  mutating func array(_ declaration: String, _ values: some Sequence<String>) {
    line("\(declaration) = {")
    let start = String(repeating: "  ", count: depth) + " "
    var row = start
    var isEmpty = true
    for value in values {
      if row.utf8.count + value.utf8.count + 2 > 100 {
        text += row + "\n"
        row = start
      }
      row += " " + value + ","
      isEmpty = false
    }
    // An array has at least one element.
    text += (isEmpty ? start + " 0," : row) + "\n"
    line("};")
  }
}

extension String {
  /// The words on lines of at most so many characters, unless a word is longer.
  fileprivate func wrapped(width: Int) -> [String] {
    var lines = [""]
    for word in split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + word.count + 1 <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
