/// There is less memory than is needed: the machine, its container or a limit of the process has no
/// more.
public struct MemoryShortage: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  /// What the user can do about it.
  public var hint: String?

  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  public var description: String { hint.map { "\(message) — \($0)" } ?? message }
}
