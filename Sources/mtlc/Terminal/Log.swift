/// Remarks for people on standard error, unless they asked for none.
struct Log: Sendable {
  var isQuiet: Bool

  init(_ arguments: Arguments) { isQuiet = arguments.has(.quiet) }

  func note(_ text: String) {
    if !isQuiet { Terminal.error(text) }
  }

  func warning(_ text: String) {
    if !isQuiet { Terminal.error("warning: \(text)") }
  }
}
