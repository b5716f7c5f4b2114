import Data
import Foundation

/// Results go to standard output, everything else to standard error.
enum Terminal {
  static let isErrorTerminal = isatty(2) == 1

  private static let usesColor =
    isErrorTerminal && ProcessInfo.processInfo.environment["NO_COLOR"].map(\.isEmpty) ?? true
    && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  /// Writes a result. Throws `FileError` when nobody takes it.
  static func result(_ text: String) throws {
    let file = try AtomicFile("-")
    try file.write(text.hasSuffix("\n") ? text : text + "\n")
    try file.commit()
  }

  /// A line on standard error. That it cannot be written is no reason to fail.
  static func error(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Text on standard error without a line break.
  static func errorPart(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  static func red(_ text: String) -> String { paint(text, "31") }
  static func dim(_ text: String) -> String { paint(text, "2") }
  static func bold(_ text: String) -> String { paint(text, "1") }

  private static func paint(_ text: String, _ code: String) -> String {
    usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// Columns of the terminal on standard error.
  static var width: Int {
    var size = winsize()
    if ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return 80
  }
}
