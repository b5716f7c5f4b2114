/// Output could not be written.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  public var path: String
  public var message: String
  public var hint: String?

  public init(path: String, message: String, hint: String? = nil) {
    self.path = path
    self.message = message
    self.hint = hint
  }

  public var description: String {
    "\(path == "-" ? "<stdout>" : path): \(message)" + (hint.map { " — \($0)" } ?? "")
  }
}
