import Experiments
import Schema

/// How far the reading of files has come, in a line.
enum ReadingText {
  static func bar(_ title: String, _ bytes: Int, of total: Int) -> String {
    let share = total > 0 ? min(1, Double(bytes) / Double(total)) : 0
    return "\(title) \(ProgressLine.bar(share)) \(Format.bytes(bytes))"
  }

  /// How many rows there are now, and of how much text: of none where a cache held them.
  static func line(_ verb: String, rows: Int, bytes: Int, seconds: Double) -> String {
    // Opening a cache takes milliseconds.
    let time =
      seconds < 0.1 ? Format.fixed(1000 * seconds, 1) + " ms" : Format.fixed(seconds, 2) + " s"
    return "\(verb) \(Format.count(rows, "row")) in \(time)"
      + (bytes > 0 ? " (\(Format.bytes(bytes)))" : "")
  }
}
