import Foundation

/// Kept texts in files below `Tests`: what a result was when somebody last looked at it.
/// `MTLC_UPDATE_GOLDEN=1` writes them anew.
public enum GoldenText {
  public static let isUpdating = ProcessInfo.processInfo.environment["MTLC_UPDATE_GOLDEN"] == "1"

  /// The first lines in which a text differs from the kept one; nil for none.
  ///
  /// - Parameters:
  ///   - name: The file's path from the folder `Tests` on.
  ///   - isSame: Whether a line stands for the kept one; equality unless told.
  public static func difference(
    _ text: String, from name: String, isSame: (Substring, Substring) -> Bool = { $0 == $1 }
  ) throws -> String? {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: name)
    if isUpdating { try text.write(to: file, atomically: true, encoding: .utf8) }
    let kept = try String(contentsOf: file, encoding: .utf8)
    if text == kept { return nil }
    let (lines, before) = (
      text.split(separator: "\n", omittingEmptySubsequences: false),
      kept.split(separator: "\n", omittingEmptySubsequences: false)
    )
    let differing = zip(lines, before).filter { !isSame($0, $1) }
    if differing.isEmpty {
      return lines.count == before.count
        ? nil : "\(lines.count) lines in place of the \(before.count) of \(name)"
    }
    return "\(name):\n"
      + differing.prefix(4).map { "\($0.prefix(400))\nwas\n\($1.prefix(400))" }
      .joined(separator: "\n")
  }
}
