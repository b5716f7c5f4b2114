import Experiments

/// How far the reading of files has come, in a line.
enum ReadingText {
  static func bar(_ progress: ReadingProgress) -> String {
    let share =
      progress.totalBytes > 0 ? min(1, Double(progress.bytes) / Double(progress.totalBytes)) : 0
    return "\(progress.title) \(ProgressLine.bar(share)) \(Format.bytes(progress.bytes))"
  }

  /// How many rows there are now, and of how much text: of none where a cache held them.
  static func line(_ summary: ReadingSummary) -> String {
    "\(summary.verb) \(Format.count(summary.rows, "row")) in \(time(summary.seconds))"
      + (summary.bytes > 0 ? " (\(Format.bytes(summary.bytes)))" : "")
  }

  /// Opening a cache takes milliseconds.
  private static func time(_ seconds: Double) -> String {
    seconds < 0.1 ? Format.fixed(1000 * seconds, 1) + " ms" : Format.fixed(seconds, 2) + " s"
  }
}
