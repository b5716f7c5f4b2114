/// One line of a terminal that is written over and over.
enum ProgressLine {
  static func show(_ text: String) {
    Terminal.errorPart("\r\u{1B}[K" + String(text.prefix(max(20, Terminal.width - 1))))
  }

  static func clear() { Terminal.errorPart("\r\u{1B}[K") }

  /// A bar with the share in percent.
  static func bar(_ share: Double, width: Int = 20) -> String {
    let filled = min(width, max(0, Int(share * Double(width))))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      + " " + "\(Int(share * 100))%".leftPadding(to: 4)
  }
}
