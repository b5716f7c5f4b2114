import Experiments
import Schema

/// Results go to standard output, everything else to standard error.
enum Terminal {
  static let isErrorTerminal = isatty(2) == 1

  private static let usesColor =
    isErrorTerminal && ProcessInfo.processInfo.environment["NO_COLOR"].map(\.isEmpty) ?? true
    && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  /// Writes a result. Throws an output error when nobody takes it.
  static func result(_ text: String) throws {
    try OutputFolder.write(text.hasSuffix("\n") ? text : text + "\n", to: "-")
  }

  /// A line on standard error.
  static func error(_ text: String) {
    errorPart(text + "\n")
  }

  /// Text on standard error without a line break. That it cannot be written is no reason to fail.
  static func errorPart(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  static func red(_ text: String) -> String {
    usesColor ? "\u{1B}[31m\(text)\u{1B}[0m" : text
  }

  /// Columns of the terminal on standard error.
  static var width: Int {
    var size = winsize()
    if ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return 80
  }
}
