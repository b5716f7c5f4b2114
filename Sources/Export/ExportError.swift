/// Why a plan cannot be written for another program, or a file of another program cannot be used.
public struct ExportError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  /// What to do about it.
  public var hint: String?

  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  public var description: String { hint.map { "\(message) — \($0)" } ?? message }
}
