/// Output could not be written.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  package var path: String
  package var message: String
  package var hint: String?

  package init(path: String, message: String, hint: String? = nil) {
    self.path = path
    self.message = message
    self.hint = hint
  }

  package var description: String {
    "\(path == "-" ? "<stdout>" : path): \(message)" + (hint.map { " — \($0)" } ?? "")
  }
}
